"""Turn the configuration files of other packages into one experiment file of this one.

`migrate` takes what `train.py` and `pre_encode.py` of stable-audio-tools took (an INI file, or a command line in a text
file, that name model and data set files), or the Hydra YAML of EulerAudioBackbone. Nothing in those files is imported
or run.
"""

from __future__ import annotations

from pathlib import Path

from narrows.configs._documents import Document, read_file
from narrows.configs._load import validate
from narrows.configs.errors import Problem, config_error
from narrows.configs.migrate import eulero, sat
from narrows.configs.migrate.draft import Draft

__all__ = ["migrate"]


def migrate(source: Path) -> str:
    """One experiment file, as YAML with comments on what was renamed, set by default or dropped.

    Args:
        source: `defaults.ini` or another INI file of stable-audio-tools; a model or data set file of it; a text file
            with a command line of its `pre_encode.py` or `train.py`; a YAML file of EulerAudioBackbone, or the folder
            with its `config.yaml`.

    Returns:
        Text that `load_config` reads. What it would still refuse stands in comments at the top.

    Raises:
        ConfigError: a file cannot be read, or names a class that is not in the table of known ones.
    """
    draft = _draft(Path(source))
    _, problems = validate(Document(draft.document()), "experiment")
    for problem in problems:
        draft.notes.append(f"{problem.level}: {problem.pointer}: {problem.message} {problem.hint}".rstrip())
    return draft.text()


def _draft(source: Path) -> Draft:
    ending = source.suffix.lower()
    if source.is_dir():
        inside = [source / name for name in ("config.yaml", "defaults.ini") if (source / name).is_file()]
        if not inside:
            message = f"There is neither config.yaml nor defaults.ini in {source}."
            raise config_error([Problem("", message, str(source), kind="syntax")])
        source, ending = inside[0], inside[0].suffix
    if ending == ".ini":
        return sat.from_ini(source)
    if ending in {".yaml", ".yml"}:
        return eulero.from_yaml(source)
    if ending == ".json":
        return sat.from_json(source, read_file(source).data)
    return sat.from_command(source)
