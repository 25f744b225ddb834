"""Turn pydantic's errors into problems: where, what, and what to write instead."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from narrows.configs._documents import join
from narrows.configs._errors import Problem
from narrows.configs._families import family_at, resolved

KINDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "dict": "an object",
    "none": "null",
}
"""How messages call a JSON type, by the first word of pydantic's error type."""


def problems_of(error: ValidationError, root: Any, document: Any) -> list[Problem]:
    """Every problem of a failed validation, in document order, each pointer once.

    Args:
        error: what pydantic raised.
        root: the type that was validated.
        document: what was validated.
    """
    found: dict[str, Problem] = {}
    for details in error.errors(include_url=False, include_context=True):
        place = _walk(root, document, details["loc"], details["type"])
        if place is not None:
            found.setdefault(place.pointer, _problem(details, place))
    return list(found.values())


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that is most like a mistyped one, or None."""
    matches = difflib.get_close_matches(str(word).lower(), [k.lower() for k in known], 1, 0.6)
    return next((k for k in known if matches and k.lower() == matches[0]), None)


def shown(value: Any) -> str:
    """A value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Place(NamedTuple):
    """Where pydantic's location leads."""

    pointer: str
    owner: type | None
    """Class that owns the last key."""
    annotation: Any
    """Declared type of the value."""


def _walk(root: Any, document: Any, loc: tuple[int | str, ...], kind: str) -> _Place | None:
    """Follow pydantic's location through the document.

    A location also names the union members taken, which are not part of a JSON pointer. None is returned for errors
    of a union member that the document never meant: an object was given, the error says that it is no text.
    """
    pointer, owner, node, annotation = "", None, document, root
    for position, element in enumerate(loc):
        classes = list(classes_in(annotation))
        last = position == len(loc) - 1
        if isinstance(element, int):
            pointer, annotation = join(pointer, element), item_type(annotation)
            node = node[element] if isinstance(node, list) and element < len(node) else None
            continue
        selected = _selected(classes, element, node)
        if selected is not None:
            annotation = owner = selected
        elif (
            _has_field(classes, element) or (isinstance(node, dict) and element in node) or (last and kind == "missing")
        ):
            owner = next((c for c in classes if _field(c, element)), classes[0] if classes else None)
            field = _field(owner, element) if owner else None
            annotation = field.annotation if field else None
            pointer = join(pointer, element)
            node = node.get(element) if isinstance(node, dict) else None
        elif isinstance(node, dict) != (element.endswith(("Config", "Options")) or "[" in element):
            return None
    return _Place(pointer, owner, annotation)


def classes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The configuration classes of a field's type, through aliases, unions and lists."""
    annotation = resolved(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif hasattr(annotation, "__value__"):
        yield from classes_in(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        yield from classes_in(get_args(annotation)[0])
    elif get_origin(annotation) is not list:
        for part in get_args(annotation):
            yield from classes_in(part)


def item_type(annotation: Any) -> Any:
    """The item type of the list inside a field's type."""
    if hasattr(annotation, "__value__"):
        return item_type(annotation.__value__)
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    return next((item for part in get_args(annotation) if (item := item_type(part)) is not None), None)


def _field(owner: type, key: str) -> Any:
    fields = owner.model_fields if issubclass(owner, BaseModel) else {}
    return next((f for name, f in fields.items() if (f.alias or name) == key), None)


def _has_field(classes: list[type[BaseModel]], key: str) -> bool:
    return any(_field(owner, key) for owner in classes)


def _selected(classes: list[type[BaseModel]], element: str, node: Any) -> type[BaseModel] | None:
    """The class that a union tag or class name inside a location selects."""
    for owner in classes:
        tags = [
            get_args(field.annotation)
            for name, field in owner.model_fields.items()
            if isinstance(node, dict) and node.get(name) == element
        ]
        if owner.__name__ == element or ((len(classes) > 1 or tags) and any(element in t for t in tags if t)):
            return owner
    return None


def _problem(details: ErrorDetails, place: _Place) -> Problem:
    kind, context = details["type"], details.get("ctx") or {}
    pointer, value = place.pointer, details["input"]
    key = str(details["loc"][-1]) if details["loc"] else ""
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _wrong_tag(place, str(context["discriminator"]).strip("'"), value)
    if kind == "extra_forbidden":
        return _unknown_key(pointer, key, place.owner, value)
    if kind == "missing":
        return Problem(pointer, f"{key!r} is required.", None, _description(place.owner, key))
    return Problem(pointer, *_wrong_value(kind, context, value), kind="value")


def _wrong_tag(place: _Place, tag: str, value: Any) -> Problem:
    """A union whose selecting field is missing or unknown."""
    known = [str(t) for c in classes_in(place.annotation) if (f := _field(c, tag)) for t in get_args(f.annotation)]
    last = re.sub(r"(/\d+)+\Z", "", place.pointer).rpartition("/")[2]
    family = family_at(last, known)
    noun = family.noun if family else last or "component"
    if not isinstance(value, dict) or tag not in value:
        message = f"{tag} must be specified in {noun} config"
        return Problem(place.pointer, message, value, _one_of(known), kind="missing-tag")
    close = nearest(str(value[tag]), known)
    message = f"Unknown {noun} type: {value[tag]}. Known types: {', '.join(known)}."
    message += f" Did you mean {close!r}?" if close else ""
    hint = f"Write {close!r}." if close else ""
    return Problem(join(place.pointer, tag), message, value[tag], hint, kind="unknown-tag")


def _unknown_key(pointer: str, key: str, owner: type | None, value: Any) -> Problem:
    known = [f.alias or n for n, f in owner.model_fields.items()] if owner and issubclass(owner, BaseModel) else []
    close = nearest(key, known)
    hint = f"Did you mean {close!r}?" if close else _one_of(known)
    meant = (join(pointer.rpartition("/")[0], close),) if close else ()
    return Problem(pointer, f"Unknown key {key!r}.", value, hint, related=meant, kind="unknown-key")


def _one_of(known: Sequence[str]) -> str:
    return f"Known: {', '.join(known)}." if known else "Remove it: no keys are known here."


def _description(owner: type | None, key: str) -> str:
    field = _field(owner, key) if owner else None
    return field.description or "" if field else ""


def _wrong_value(kind: str, context: dict[str, Any], value: Any) -> tuple[str, Any, str]:
    """Message, value and hint for a value of the wrong type or outside its range."""
    got = shown(value)
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        close = nearest(str(value), known)
        return f"Must be {context['expected']}, got {got}.", value, f"Did you mean {close!r}?" if close else ""
    limits = {
        "greater_than": ("gt", "greater than"),
        "greater_than_equal": ("ge", "at least"),
        "less_than": ("lt", "less than"),
        "less_than_equal": ("le", "at most"),
        "multiple_of": ("multiple_of", "a multiple of"),
    }
    if kind in limits:
        name, words = limits[kind]
        return f"Must be {words} {context[name]:g}, got {got}.", value, ""
    if kind in {"too_short", "too_long", "string_too_short", "string_too_long"}:
        bound = context.get("min_length", context.get("max_length"))
        words = "at least" if "min_length" in context else "at most"
        unit = "characters" if kind.startswith("string") else "entries"
        return f"Must have {words} {bound} {unit}, got {got}.", value, ""
    if kind == "string_pattern_mismatch":
        return f"Must match the pattern {context['pattern']}, got {got}.", value, ""
    if kind == "finite_number":
        return f"Must be a finite number, got {got}.", value, ""
    if kind == "int_from_float":
        return f"Must be an integer, got {got}.", value, ""
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"Must be an object, got {got}.", value, ""
    word = kind.partition("_")[0]
    return f"Must be {KINDS.get(word, word)}, got {got}.", value, _unquoted(word, value)


def _unquoted(word: str, value: Any) -> str:
    """The hint for a number or truth value that was written as text."""
    if word in {"int", "float", "bool"} and isinstance(value, str):
        try:
            return f"Write {json.dumps(json.loads(value.lower()))} without quotes."
        except json.JSONDecodeError:
            return ""
    return ""
