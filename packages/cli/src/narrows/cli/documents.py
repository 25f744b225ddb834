"""Documents as every command reads them: files they name and groups they start from included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.cli.main import UserError
from narrows.cli.overrides import CONF
from narrows.configs import ConfigError, Problem, read_document
from narrows.configs._documents import Document
from narrows.configs.experiments import check_experiment, read_experiment


def whole_document(path: Path) -> Document:
    """The document of a file: composed where it has `defaults` or interpolations, with the files it names read in.

    Raises:
        NarrowsError: it cannot be read or composed.
    """
    document = read_document(path)
    if not isinstance(document.data, dict):
        return document
    if "defaults" in document.data or ("experiment" in document.data and "${" in document.text):
        from narrows.cli.compose import Composition

        return Composition(path).document
    return read_experiment(path)


def model_document(path: Path) -> dict[str, Any]:
    """The model configuration in a model file, an experiment file or a save_model folder."""
    if path.is_dir():
        path = path / "model_config.json"
    if not path.is_file():
        raise UserError(f"No such file: {path}")
    document = whole_document(path).data
    if isinstance(document, dict) and "experiment" in document:
        document = document.get("model_config")
    if not isinstance(document, dict):
        raise UserError(f"{path} holds no model configuration")
    return document


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
        return check_experiment(whole_document(path), kind, lenient=lenient)[1]
    except ConfigError as error:
        return error.problems
    except UserError as error:
        return [Problem("", str(error), source=str(path))]


def _problems_of_a_part(path: Path, lenient: bool) -> list[Problem]:
    """Problems of a shipped file that others complete: those it has in the shipped experiment that suits it best."""
    from narrows.cli.compose import Composition

    group = path.relative_to(CONF).with_suffix("")
    if group.parent == Path():
        tried = [(path, [])]
    else:
        choice = f"{'.'.join(group.parent.parts)}={group.name}"
        models = sorted(file.stem for file in (CONF / "model").glob("*.yaml")) if group.parts[0] != "model" else []
        tried = [(None, [choice]), *((None, [f"model={model}", choice]) for model in models)]
    found: list[list[Problem]] = []
    for config, overrides in tried:
        try:
            problems = check_experiment(Composition(config, overrides).document, lenient=lenient)[1]
        except UserError as error:
            problems = [Problem("", str(error), source=str(path))]
        found.append([problem for problem in problems if problem.kind != "missing"])
        if not found[-1]:
            break
    return min(found, key=len)
