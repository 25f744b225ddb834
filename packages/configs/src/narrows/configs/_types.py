"""Reading declared types: which class a document's object is meant to be."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, ForwardRef, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from narrows.configs._lazy import GENERATED, Tagged

Alternative = type[BaseModel] | Tagged


def alternatives(annotation: Any) -> Iterator[Alternative]:
    """The classes, and unions told apart by a field, that a type allows; lists are not looked into."""
    if isinstance(annotation, ForwardRef):
        annotation = getattr(import_module(GENERATED), annotation.__forward_arg__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif hasattr(annotation, "__value__"):
        yield from alternatives(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        unions = [item for item in metadata if isinstance(item, Tagged)]
        yield from unions or alternatives(inner)
    elif get_origin(annotation) is not list:
        for part in get_args(annotation):
            yield from alternatives(part)


def item_type(annotation: Any) -> Any:
    """The item type of the list inside a field's type."""
    if hasattr(annotation, "__value__"):
        return item_type(annotation.__value__)
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    return next((item for part in get_args(annotation) if (item := item_type(part)) is not None), None)


def union_name(annotation: Any) -> str:
    """The title of the union that a type is or contains, e.g. `BottleneckConfig`; empty when there is none."""
    if hasattr(annotation, "__value__"):
        return str(annotation.__name__) if any(isinstance(a, Tagged) for a in alternatives(annotation)) else ""
    return next((name for part in get_args(annotation) if (name := union_name(part))), "")


def meant(annotation: Any, value: Any) -> type[BaseModel] | None:
    """The class that an object is meant to be: the one whose tag it carries, or the only one.

    Of several classes that no tag decides between, the one that needs no tag.
    """
    if not isinstance(value, dict):
        return None
    found = list(alternatives(annotation))
    for alternative in found:
        if isinstance(alternative, Tagged):
            member = alternative.member(value.get(alternative.tag))
            if member is not None:
                return member
        elif any(value.get(key) in known for key, known in _tags(alternative).items()):
            return alternative
    classes = [alternative for alternative in found if not isinstance(alternative, Tagged)]
    if len(classes) > 1:
        classes = [owner for owner in classes if not _needs_tag(owner, value)]
    return classes[0] if len(classes) == 1 else None


def _needs_tag(owner: type[BaseModel], value: dict[str, Any]) -> bool:
    """Whether a class is out for an object that does not carry its tag."""
    fields = {key: field_of(owner, key) for key in _tags(owner)}
    return any(key in value or (field is not None and field.is_required()) for key, field in fields.items())


def _tags(owner: type[BaseModel]) -> dict[str, tuple[Any, ...]]:
    """The fields of a class that select it, with their values."""
    names = [name for name in ("type", "model_type", "class_") if name in owner.model_fields]
    return {owner.model_fields[n].alias or n: get_args(owner.model_fields[n].annotation) for n in names}


def field_of(owner: type[BaseModel] | None, key: str) -> FieldInfo | None:
    """The field of a class that stands under a key."""
    fields = owner.model_fields if owner is not None else {}
    return next((field for name, field in fields.items() if (field.alias or name) == key), None)


def keys_of(owner: type[BaseModel] | None) -> list[str]:
    """The keys that a class knows."""
    return [field.alias or name for name, field in owner.model_fields.items()] if owner is not None else []
