"""Turn pydantic's errors into problems: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from narrows.configs._base import UNION_MARK
from narrows.configs._documents import join
from narrows.configs._families import noun_of
from narrows.configs._types import alternatives, field_of, item_type, keys_of, meant, union_name
from narrows.configs._wording import nearest, one_of, shown, wrong_alternative, wrong_value
from narrows.configs.errors import Problem

__all__ = ["nearest", "problems_of", "shown"]

WRONG_KIND = {"int_type", "float_type", "bool_type", "string_type", "list_type", "dict_type", "model_type"}
"""Error types that say the value is of another JSON type."""


def problems_of(error: ValidationError, root: Any, document: Any) -> list[Problem]:
    """Every problem of a failed validation, in document order, each pointer once.

    Args:
        error: what pydantic raised.
        root: the type that was validated.
        document: what was validated.
    """
    found: dict[str, Problem] = {}
    for details in _of_the_meant_alternative(error.errors(include_url=False, include_context=True)):
        place = _walk(root, document, [part for part in details["loc"] if not _is_label(part)])
        problem = _problem(details, place)
        found.setdefault(problem.pointer, problem)
    return list(found.values())


def _is_label(part: int | str) -> bool:
    return isinstance(part, str) and part.startswith(UNION_MARK)


def _of_the_meant_alternative(errors: Sequence[ErrorDetails], depth: int = 0) -> Iterator[ErrorDetails]:
    """Leave out what pydantic says about alternatives of a union that the value was never meant to be.

    An alternative is out when the value is of another JSON type, or names another type. When all are out, their
    errors are told as one.
    """
    groups: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for details in errors:
        label = next((n for n, part in enumerate(details["loc"]) if n >= depth and _is_label(part)), None)
        if label is None:
            yield details
        else:
            groups.setdefault(details["loc"][:label], []).append(details)
    for prefix, members in groups.items():
        labels = list(dict.fromkeys(details["loc"][len(prefix)] for details in members))
        chosen = [[d for d in members if d["loc"][len(prefix)] == label] for label in labels]
        kept = [group for group in chosen if not _is_other_kind(group, len(prefix) + 1)]
        typed = [group for group in kept if not _is_other_tag(group, len(prefix) + 1)]
        if typed:
            yield from _of_the_meant_alternative(typed[0], len(prefix) + 1)
        elif kept:
            yield _unknown_alternative(kept, prefix)
        else:
            yield _one_error(chosen, prefix)


def _is_other_kind(group: list[ErrorDetails], depth: int) -> bool:
    return any(len(d["loc"]) == depth and _is_wrong_kind(d) for d in group)


def _is_wrong_kind(details: ErrorDetails) -> bool:
    kind, value = details["type"], details["input"]
    return kind in WRONG_KIND or (kind == "literal_error" and not isinstance(value, str))


def _is_other_tag(group: list[ErrorDetails], depth: int) -> bool:
    tags = {"type", "model_type", "class"}
    return any(
        len(d["loc"]) == depth + 1 and d["loc"][-1] in tags and d["type"] in {"literal_error", "missing"} for d in group
    )


def _unknown_alternative(groups: list[list[ErrorDetails]], prefix: tuple[int | str, ...]) -> ErrorDetails:
    """The value names none of the alternatives."""
    tags = [d for group in groups for d in group if str(d["loc"][-1]) in {"type", "model_type", "class"}]
    expected = [str(d["ctx"]["expected"]) for d in tags if d["type"] == "literal_error"]
    first = next((d for d in tags if d["type"] == "literal_error"), tags[0])
    context = {"expected": ", ".join(dict.fromkeys(expected))}
    key = str(first["loc"][-1])
    return {**first, "loc": (*prefix, key), "ctx": context}


def _one_error(groups: list[list[ErrorDetails]], prefix: tuple[int | str, ...]) -> ErrorDetails:
    """The value is of no JSON type that any alternative takes."""
    kinds = [details["type"] for group in groups for details in group if _is_wrong_kind(details)]
    return {**groups[0][0], "loc": prefix, "type": "no_alternative", "ctx": {"kinds": list(dict.fromkeys(kinds))}}


class _Place(NamedTuple):
    """Where pydantic's location leads."""

    pointer: str
    owner: type[BaseModel] | None
    """Class that owns the last key."""
    annotation: Any
    """Declared type of the value."""


def _walk(root: Any, document: Any, loc: Sequence[int | str]) -> _Place:
    """Follow a location, labels of alternatives taken out, through the document and the declared types."""
    pointer, owner, node, annotation = "", None, document, root
    for element in loc:
        pointer = join(pointer, element)
        if isinstance(element, int):
            annotation = item_type(annotation)
            node = node[element] if isinstance(node, list) and element < len(node) else None
        else:
            owner = meant(annotation, node)
            field = field_of(owner, element)
            annotation = field.annotation if field else None
            node = node.get(element) if isinstance(node, dict) else None
    return _Place(pointer, owner, annotation)


def _problem(details: ErrorDetails, place: _Place) -> Problem:
    kind, context = details["type"], details.get("ctx") or {}
    pointer, value = place.pointer, details["input"]
    key = str(details["loc"][-1]) if details["loc"] else ""
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _wrong_tag(place, str(context["discriminator"]), value)
    if kind == "extra_forbidden":
        return _unknown_key(pointer, key, place.owner, value)
    if kind == "missing":
        field = field_of(place.owner, key)
        extra = field.json_schema_extra if field else None
        said = extra.get("x-missing") if isinstance(extra, dict) else None
        message = f"{said or f'{key!r} is required'}."
        return Problem(pointer, message, None, (field and field.description) or "", kind="missing")
    if kind == "no_alternative":
        return Problem(pointer, *wrong_alternative(context["kinds"], value))
    return Problem(pointer, *wrong_value(kind, context, value))


def _wrong_tag(place: _Place, tag: str, value: Any) -> Problem:
    """A union whose selecting field is missing or unknown."""
    known = [t for union in alternatives(place.annotation) if not isinstance(union, type) for t in union.tags]
    noun = noun_of(union_name(place.annotation))
    if not isinstance(value, dict) or tag not in value:
        message = f"{tag} must be specified in {noun} config"
        return Problem(place.pointer, message, value, one_of(known), kind="missing-tag")
    close = nearest(str(value[tag]), known)
    message = f"Unknown {noun} type: {shown(value[tag]).strip(chr(34))}. Known types: {', '.join(known)}."
    message += f" Did you mean {close!r}?" if close else ""
    hint = f"Write {close!r}." if close else ""
    return Problem(join(place.pointer, tag), message, value[tag], hint, kind="unknown-tag")


def _unknown_key(pointer: str, key: str, owner: type[BaseModel] | None, value: Any) -> Problem:
    close = nearest(key, keys_of(owner))
    hint = f"Did you mean {close!r}?" if close else one_of(keys_of(owner))
    related = (join(pointer.rpartition("/")[0], close),) if close else ()
    return Problem(pointer, f"Unknown key {key!r}.", value, hint, related=related, kind="unknown-key")
