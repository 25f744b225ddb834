"""`load_config`: one entry for dictionaries, texts, files and typed configurations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from narrows.configs._documents import Document, parse_json, parse_yaml, read_file
from narrows.configs._families import FAMILIES, Family
from narrows.configs._lenient import split, without
from narrows.configs._partial import partial
from narrows.configs._problems import problems_of
from narrows.configs.errors import ConfigError, Problem, config_error
from narrows.configs.rules import check, has_passed

Source = Mapping[str, Any] | str | Path | BaseModel
MAX_DEPTH = 100
"""Levels of a document at most; those of the references have 12."""

Part = TypeVar("Part", bound=BaseModel)


def load_config(source: Source, kind: str | None = None, *, lenient: bool = False) -> Any:
    """Read, validate and type a configuration.

    Args:
        source: a dictionary, JSON text, the path of a .json or .yaml file, or a configuration that is typed already.
            It is never changed.
        kind: family of the document, e.g. `"bottleneck"`; by default a whole document (model, data set or
            experiment), told apart by `model_type`, `dataset_type` or `experiment`.
        lenient: unknown keys that stable-audio-tools ignores are left out instead of refused.

    Returns:
        An instance of a generated class, e.g. `AutoencoderConfig`.

    Raises:
        ConfigError: with every error of the document, those between fields included. Warnings are not told here:
            see `check_config`.
    """
    if isinstance(source, BaseModel):
        config, problems = source, [] if has_passed(source) else check(source)
    else:
        config, problems = validate(read_document(source), kind, lenient=lenient)
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)
    return config


def check_config(source: Source, kind: str | None = None, *, lenient: bool = False) -> list[Problem]:
    """Everything that is wrong with, or odd about, a configuration: errors and warnings, in the order of the text.

    Args:
        source: as in `load_config`.
        kind: as in `load_config`.
        lenient: as in `load_config`; the keys left out are warnings.
    """
    try:
        if isinstance(source, BaseModel):
            return check(source)
        return validate(read_document(source), kind, lenient=lenient)[1]
    except ConfigError as error:
        return error.problems


def load_part(source: Source, kind: type[Part]) -> Part:
    """Read, validate and type a part of a document that is no component, e.g. the `loss_configs` of a training section.

    Args:
        source: as in `load_config`.
        kind: generated class of the part.

    Raises:
        ConfigError: with every problem of the part.
    """
    if isinstance(source, kind):
        return source
    document = read_document(source)
    try:
        part = kind.model_validate(document.data, strict=True)
    except ValidationError as error:
        problems = problems_of(error, kind, document.data)
        raise config_error([document.place(problem) for problem in problems]) from error
    if errors := [problem for problem in check(part) if problem.level == "error"]:
        raise config_error([document.place(problem) for problem in errors])
    return part


def read_document(source: Any) -> Document:
    """The parsed document of any accepted source."""
    if isinstance(source, Mapping):
        return Document(dict(source))
    if isinstance(source, Path):
        return read_file(source)
    if isinstance(source, str):
        if source.lstrip().startswith(("{", "[")):
            return parse_json(source)
        return parse_yaml(source) if "\n" in source.strip() else read_file(Path(source))
    message = f"A configuration is a dictionary, a JSON text or a path, not {type(source).__name__}."
    raise config_error([Problem("", message, source)])


def validate(document: Document, kind: str | None = None, *, lenient: bool = False) -> tuple[Any, list[Problem]]:
    """Validate a document against its schema and the rules between fields.

    Returns:
        The typed configuration, or None when the schema refuses it, and all problems, errors and warnings, in the
        order of the text.
    """
    if not isinstance(document.data, dict):
        return None, [document.place(Problem("", "A configuration is an object.", document.data))]
    if _is_deep(document.data):
        return None, [document.place(Problem("", "The document is nested too deeply.", kind="syntax"))]
    family, data = _family(document.data, kind), document.data
    config, problems = _validate_schema(family, data)
    ignored: list[Problem] = []
    if lenient and problems:
        ignored, _ = split(problems, data)
        data = without(data, [problem.pointer for problem in ignored])
        config, problems = _validate_schema(family, data)
    if config is not None:
        problems = check(config)
    else:
        problems += _rule_problems_of_the_rest(family, data, problems)
    problems += ignored
    placed = [document.place(problem) for problem in problems]
    return config, sorted(placed, key=lambda p: (p.line or 0, p.column or 0))


def _is_deep(data: Any) -> bool:
    """Whether a document has more than `MAX_DEPTH` levels. Far deeper ones overflow the stack of the validator."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [item for value in level if isinstance(value, dict | list) for item in _items(value)]
        if not level:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> list[Any]:
    return [*(value.values() if isinstance(value, dict) else value)]


def _family(data: Mapping[str, Any], kind: str | None) -> Family:
    if kind is not None:
        return FAMILIES[kind]
    for name in ("experiment", "model", "dataset"):
        if FAMILIES[name].tag in data:
            return FAMILIES[name]
    holders = [f for f in FAMILIES.values() if f.tag == "type" and data.get("type") in f.tags]
    return holders[0] if len(holders) == 1 else FAMILIES["model"]


def _validate_schema(family: Family, data: Mapping[str, Any]) -> tuple[Any, list[Problem]]:
    try:
        return family.tagged.validator.validate_python(data), []
    except ValidationError as error:
        return None, problems_of(error, family.union, data)
    except RecursionError:
        return None, [Problem("", "The document is nested too deeply.", kind="syntax")]


def _rule_problems_of_the_rest(family: Family, data: Mapping[str, Any], problems: list[Problem]) -> list[Problem]:
    """Problems between the fields that are fine on their own."""
    # A mistyped key stands for the one that was meant, whose value is then unknown too.
    wrong = {pointer for problem in problems for pointer in (problem.pointer, *problem.related)}
    typed = partial(family.union, data, wrong)
    if not isinstance(typed, BaseModel):
        return []
    return [p for p in check(typed, incomplete=True) if not wrong & {p.pointer, *p.related}]
