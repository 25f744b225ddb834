"""Which fields of a configuration the library reads: typed objects that note who looks at them.

A field counts as read when code of a package other than narrows.configs takes it from its object, or passes the whole
object on as keyword arguments, which a constructor refuses when it does not know them. Writing an object to a file does
not count.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args, get_origin

from narrows.configs._base import ConfigModel

Readings = dict[str, set[str]]
"""Fields that were read, by the name of their class."""

NOTES = {"field_schema", "schema_version", "license", "training_data"}
"""Fields that tell a reader something and configure nothing."""


@contextmanager
def noted() -> Iterator[Readings]:
    """What is read while this lasts."""
    read: Readings = defaultdict(set)
    plain, dump, items = ConfigModel.__getattribute__, ConfigModel.model_dump, ConfigModel.__iter__

    def note(self: Any, name: str) -> Any:
        if not name.startswith("_") and _counts(sys._getframe(1)) and name in type(self).model_fields:
            read[type(self).__name__].add(name)
        return plain(self, name)

    def note_dump(self: Any, *, mode: str = "python", exclude: Any = None, include: Any = None, **options: Any) -> Any:
        if mode == "python" and _counts(sys._getframe(1)):
            _all(self, read, set(type(self).model_fields if include is None else include) - set(exclude or ()))
        return dump(self, mode=mode, exclude=exclude, include=include, **options)

    def note_items(self: Any) -> Any:
        if _counts(sys._getframe(1)):
            read[type(self).__name__].update(type(self).model_fields)
        return items(self)

    changed = {"__getattribute__": note, "model_dump": note_dump, "__iter__": note_items}
    for name, function in changed.items():
        setattr(ConfigModel, name, function)
    try:
        yield read
    finally:
        for name in changed:
            delattr(ConfigModel, name)


def _all(config: Any, read: Readings, names: set[str]) -> None:
    """Note fields of an object, and of the objects inside them, as passed on."""
    read[type(config).__name__].update(names)
    for name in names:
        value = config.__dict__.get(name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ConfigModel):
                _all(inner, read, set(type(inner).model_fields))


def _counts(frame: Any) -> bool:
    path = frame.f_code.co_filename
    return "/narrows/" in path and "/narrows/configs/" not in path


def declared(owner: type[ConfigModel]) -> set[str]:
    """Fields of a class that configure something."""
    return {name for name, field in owner.model_fields.items() if name not in NOTES and not _is_told(field)}


def _is_told(field: Any) -> bool:
    """Whether a field selects the class, is there for old files only, or has nothing inside."""
    extra, kind = field.json_schema_extra, field.annotation
    compatible = isinstance(extra, dict) and extra.get("x-role") == "compatibility"
    selects = get_origin(kind) is Literal and (field.is_required() or len(get_args(kind)) == 1)
    return compatible or selects or (isinstance(kind, type) and getattr(kind, "model_fields", None) == {})


def unread(owner: type[ConfigModel], read: Readings) -> set[str]:
    """Fields of a class that nothing has read."""
    return declared(owner) - read.get(owner.__name__, set())
