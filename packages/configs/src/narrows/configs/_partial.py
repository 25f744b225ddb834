"""The typed configuration of a document that has mistakes: everything that is fine, and nothing else.

Rules between fields can so be checked although the schema refuses the document, and all problems are told at once. A
field that is wrong or missing has no attribute: a rule that needs it fails and is passed over.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from pydantic import BaseModel

from narrows.configs._documents import join
from narrows.configs._types import alternatives, item_type, meant


def partial(annotation: Any, value: Any, wrong: Container[str], pointer: str = "") -> Any:
    """A value typed as far as it is right.

    Args:
        annotation: declared type.
        value: what the document says.
        wrong: pointers of the values that the schema refuses.
        pointer: of this value.
    """
    if isinstance(value, list):
        inner = item_type(annotation)
        items = [(join(pointer, index), item) for index, item in enumerate(value)]
        return [partial(inner, item, wrong, place) for place, item in items if place not in wrong]
    owner = meant(annotation, value)
    return value if owner is None else _partial_object(owner, value, wrong, pointer)


def _partial_object(owner: type[BaseModel], value: dict[str, Any], wrong: Container[str], pointer: str) -> BaseModel:
    fields: dict[str, Any] = {}
    absent = []
    for name, field in owner.model_fields.items():
        key = field.alias or name
        place = join(pointer, key)
        if (
            place in wrong
            or _has_wrong_item(value.get(key), wrong, place)
            or _is_untyped_object(field.annotation, value.get(key))
        ):
            absent.append(name)
        elif key in value:
            fields[name] = partial(field.annotation, value[key], wrong, place)
        elif field.is_required():
            absent.append(name)
    if owner.model_config.get("extra") == "allow":
        fields = {**value, **fields}
    instance = owner.model_construct(**fields)
    for name in absent:
        instance.__dict__.pop(name, None)
    return instance


def _has_wrong_item(value: Any, wrong: Container[str], pointer: str) -> bool:
    """Whether a list is not as it was meant: without its wrong items its length says nothing."""
    return isinstance(value, list) and any(join(pointer, index) in wrong for index in range(len(value)))


def _is_untyped_object(annotation: Any, value: Any) -> bool:
    """Whether a value is an object whose class cannot be told, because its tag is wrong."""
    return isinstance(value, dict) and any(alternatives(annotation)) and meant(annotation, value) is None
