"""What type an option has, by its place in a document, before it is known which components the document uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from narrows.configs._families import FAMILIES
from narrows.configs._types import alternatives, field_of, item_type

TEXT, NULL, OBJECT = "text", "null", "object"


@cache
def option_types(family: str, keys: tuple[str, ...]) -> frozenset[str]:
    """The types that an option may have, over all components that may stand where it stands.

    Args:
        family: of the document, e.g. `experiment`.
        keys: that lead to the option, e.g. `("dataset_config", "path")`; numbers lead into lists.

    Returns:
        Of `text` (also where only certain words are allowed), `null`, `object` and the names of other types; empty when
        no component has such an option.
    """
    annotations: list[Any] = [FAMILIES[family].union]
    for key in keys:
        annotations = list(_inside(annotations, key))
    return frozenset(kind for annotation in annotations for kind in _kinds(annotation))


def is_option(family: str, member: str, key: str) -> bool:
    """Whether documents of one member of a family, e.g. `pre_encode` of `experiment`, have an option themselves."""
    owners = [item.member(member) for item in alternatives(FAMILIES[family].union) if not isinstance(item, type)]
    return any(field_of(owner, key) is not None for owner in owners)


def _inside(annotations: Sequence[Any], key: str) -> Iterator[Any]:
    if key.isdigit():
        yield from (inner for annotation in annotations if (inner := item_type(annotation)) is not None)
        return
    for owner in dict.fromkeys(_classes(annotations)):
        field = field_of(owner, key)
        if field is not None:
            yield field.annotation if not field.metadata else Annotated[field.annotation, *field.metadata]


def _classes(annotations: Sequence[Any]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        for alternative in alternatives(annotation):
            if isinstance(alternative, type):
                yield alternative
            else:
                yield from filter(None, map(alternative.member, alternative.tags))


def _kinds(annotation: Any) -> Iterator[str]:
    if hasattr(annotation, "__value__"):
        yield from _kinds(annotation.__value__)
    elif any(alternatives(annotation)) and not _is_union(annotation):
        yield OBJECT
    elif get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif get_origin(annotation) is Literal:
        yield from (_kind_of(type(value)) for value in get_args(annotation))
    elif _is_union(annotation):
        for part in get_args(annotation):
            yield from _kinds(part)
    else:
        yield _kind_of(get_origin(annotation) or annotation)


def _is_union(annotation: Any) -> bool:
    return not isinstance(annotation, type) and get_origin(annotation) not in (None, Annotated, Literal, list, dict)


def _kind_of(kind: Any) -> str:
    if kind is str:
        return TEXT
    return NULL if kind is type(None) else str(getattr(kind, "__name__", kind))
