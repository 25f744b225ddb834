"""`load_config`: one entry for dictionaries, texts, files and typed configurations."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from narrows.configs._documents import Document, parse_json, parse_yaml, read_file
from narrows.configs._errors import Problem, config_error
from narrows.configs._families import FAMILIES, Family
from narrows.configs._problems import problems_of
from narrows.configs.rules import check

Source = Mapping[str, Any] | str | Path | BaseModel


def load_config(source: Source, kind: str | None = None) -> Any:
    """Read, validate and type a configuration.

    Args:
        source: a dictionary, JSON text, the path of a .json or .yaml file, or a configuration that is typed already.
            It is never changed.
        kind: family of the document, e.g. `"bottleneck"`; by default a whole document (model, data set or
            experiment), told apart by `model_type`, `dataset_type` or `experiment`.

    Returns:
        An instance of a generated class, e.g. `AutoencoderConfig`.

    Raises:
        ConfigError: with every problem of the document, those between fields included.
    """
    if isinstance(source, BaseModel):
        config, problems = source, check(source)
    else:
        config, problems = validate(read_document(source), kind)
    if problems:
        raise config_error(problems)
    return config


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


def validate(document: Document, kind: str | None = None) -> tuple[Any, list[Problem]]:
    """Validate a document against its schema and the rules between fields.

    Returns:
        The typed configuration, or None when the schema refuses it, and all problems in the order of the text.
    """
    if not isinstance(document.data, dict):
        return None, [document.place(Problem("", "A configuration is an object.", document.data))]
    family = _family(document.data, kind)
    config, problems = _validate_schema(family, document.data)
    if config is not None:
        problems = check(config)
    else:
        problems += _rule_problems_of_the_rest(family, document.data, problems)
    placed = [document.place(problem) for problem in problems]
    return config, sorted(placed, key=lambda p: (p.line or 0, p.column or 0))


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
        return family.adapter().validate_python(data, strict=True), []
    except ValidationError as error:
        return None, problems_of(error, family.union, data)


def _rule_problems_of_the_rest(family: Family, data: Mapping[str, Any], problems: list[Problem]) -> list[Problem]:
    """Problems between the fields that are fine on their own.

    The offending optional fields are taken out, so that their defaults stand in; if that makes a valid document, its
    rules are checked too, and everything is reported at once.
    """
    rest = copy.deepcopy(dict(data))
    for problem in problems:
        _remove(rest, problem.pointer)
    config, _ = _validate_schema(family, rest)
    if config is None:
        return []
    touched = [problem.pointer for problem in problems]
    return [p for p in check(config) if not any(t in (p.pointer, *p.related) for t in touched)]


def _remove(data: Any, pointer: str) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]] or [""]
    for part in parents:
        data = data[int(part)] if isinstance(data, list) else data.get(part) if isinstance(data, dict) else None
    if isinstance(data, dict):
        data.pop(last, None)
