"""Documents as every command reads them: files they name and groups they start from included."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError
from narrows.cli.overrides import CONF, SHORT_NAMES
from narrows.configs import ConfigError, Problem, load_config, read_document
from narrows.configs._documents import Document, join
from narrows.configs.errors import config_error
from narrows.configs.experiments import JoinedDocument, Place, check_experiment, read_experiment

FOREIGN = ("config.json", "model_index.json")
"""What folders of other libraries have in the place of `model_config.json`."""


def whole_document(path: Path) -> Document:
    """The document of a file: composed where it has `defaults` or interpolations, with the files it names read in.

    Raises:
        NarrowsError: it cannot be read or composed.
    """
    document = read_document(path)
    if not isinstance(document.data, dict):
        return document
    if "defaults" in document.data or ("experiment" in document.data and re.search(r"\$\{|\?\?\?", document.text)):
        from narrows.cli.compose import Composition

        return Composition(path).document
    return read_experiment(path)


def model_config(path: Path) -> Any:
    """The typed model of a model file, an experiment file or a folder of a model; other sections are not looked at.

    Args:
        path: a file, or a folder of `save_model`, transformers or diffusers.

    Raises:
        NarrowsError: there is no model, or the model is wrong; problems are placed in the file they are in.
    """
    if path.is_dir():
        if not (path / "model_config.json").is_file() and any((path / name).is_file() for name in FOREIGN):
            return _foreign_config(path)
        path = path / "model_config.json"
    if not path.is_file():
        raise UserError(f"No such file: {path}")
    document = whole_document(path)
    if isinstance(document.data, dict) and "experiment" in document.data:
        document = _section(document, "model_config")
    if not isinstance(document.data, dict):
        raise UserError(f"{path} holds no model configuration")
    config, problems = check_experiment(document, "model")
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)
    return config


def _foreign_config(folder: Path) -> Any:
    """The typed model of a folder that another library wrote."""
    # Imported late: it takes torch.
    from narrows.models.interchange import is_foreign_folder, read_foreign_folder

    if not is_foreign_folder(folder):
        raise UserError(
            f"{folder} is of a class that has no configuration here: it can be used as a model, "
            "but only what Narrows builds itself can be inspected"
        )
    return load_config(read_foreign_folder(folder)[0], "model")


def _section(document: Document, key: str) -> Document:
    def find(pointer: str) -> Place:
        problem = document.place(Problem(join("", key) + pointer, ""))
        return Place(problem.source, problem.line, problem.column)

    return JoinedDocument(document.data.get(key), document.source, find=find)


def check_file(path: Path, kind: str | None = None, *, lenient: bool = False) -> list[Problem]:
    """Every problem of a file, as `check_config` finds them, with `defaults` and named files taken in.

    Args:
        path: of a model, a data set, an experiment or a shipped group file.
        kind: family of the document; None tells whole documents apart.
        lenient: unknown keys that stable-audio-tools ignores are warnings.
    """
    try:
        if path.absolute().is_relative_to(CONF) and path.absolute() != CONF / "train.yaml":
            return _problems_of_a_part(path.absolute(), lenient)
        return check_document(whole_document(path), kind, lenient=lenient)
    except ConfigError as error:
        return error.problems
    except UserError as error:
        return [Problem("", str(error), source=str(path))]


def check_document(document: Document, kind: str | None = None, *, lenient: bool = False) -> list[Problem]:
    """Every problem of a whole document; what it leaves to the command line is a warning."""
    problems = check_experiment(document, kind, lenient=lenient)[1]
    left_open: frozenset[str] = getattr(document, "left_open", frozenset())
    return [to_be_given(problem) if problem.pointer in left_open else problem for problem in problems]


def to_be_given(problem: Problem) -> Problem:
    """A problem of an option that is left open, as the warning that it is while nothing is run."""
    key = problem.pointer.strip("/").replace("/", ".")
    for short, place in sorted(SHORT_NAMES.items(), key=lambda item: -len(item[1])):
        key = f"{short}{key.removeprefix(place)}" if key == place or key.startswith(f"{place}.") else key
    return problem._replace(
        message="Left open: it must be given on the command line.", hint=f"Write {key}=VALUE there.", level="warning"
    )


def _problems_of_a_part(path: Path, lenient: bool) -> list[Problem]:
    """Problems of a shipped file that others complete, in the shipped experiment that suits it best."""
    from narrows.cli.compose import Composition

    group = path.relative_to(CONF).with_suffix("")
    tried: list[tuple[Path | None, list[str]]]
    if group.parent == Path():
        tried = [(path, [])]
    else:
        choice = f"{'.'.join(group.parent.parts)}={group.name}"
        models = sorted(file.stem for file in (CONF / "model").glob("*.yaml")) if group.parts[0] != "model" else []
        tried = [(None, [choice]), *((None, [f"model={model}", choice]) for model in models)]
    found: list[list[Problem]] = []
    for config, overrides in tried:
        try:
            found.append(check_document(Composition(config, overrides).document, lenient=lenient))
        except UserError as error:
            found.append([Problem("", str(error), source=str(path))])
        if not _errors(found[-1]):
            break
    return min(found, key=_errors)


def _errors(problems: list[Problem]) -> int:
    return sum(problem.level == "error" for problem in problems)
