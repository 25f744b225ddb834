"""Unions whose classes are imported when a document first uses them.

A model file uses a few of some hundred generated classes. Importing and compiling only those keeps `import
narrows.configs` and the first load fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, SerializationInfo
from pydantic_core import (
    CoreSchema,
    PydanticKnownError,
    PydanticSerializationUnexpectedValue,
    SchemaValidator,
    core_schema,
)

GENERATED = "narrows.configs._generated"


class Tagged:
    """The members of a union by the value of one field.

    Args:
        tag: the field, e.g. `type`.
        members: place of each member's class below the generated package, by the field's value.
    """

    def __init__(self, tag: str, members: Mapping[str, str]) -> None:
        self.tag = tag
        self.places = dict(members)

    @cached_property
    def validator(self) -> SchemaValidator:
        """Validates a whole document; every mistake ends in a `ValidationError`."""
        return SchemaValidator(core_schema.no_info_plain_validator_function(self.select))

    @property
    def tags(self) -> list[str]:
        """Known values of the field."""
        return list(self.places)

    def member(self, value: Any) -> type[BaseModel] | None:
        """The class for a value of the field; None when there is none."""
        place = self.places.get(value) if isinstance(value, str) else None
        if place is None:
            return None
        module, _, name = place.partition(":")
        found: type[BaseModel] = getattr(import_module(f"{GENERATED}.{module}"), name)
        return found

    def select(self, value: Any) -> BaseModel:
        """The typed object of a document's object.

        Raises:
            ValidationError: of the member that the field selects.
            PydanticKnownError: the field is missing or unknown, or this is no object.
        """
        if isinstance(value, BaseModel):
            tag = getattr(value, self.tag, None)
            if self.member(tag) is not type(value):
                raise PydanticKnownError("union_tag_invalid", self._context(tag))
            return value
        if not isinstance(value, dict):
            raise PydanticKnownError("dict_type")
        if self.tag not in value:
            raise PydanticKnownError("union_tag_not_found", {"discriminator": self.tag})
        member = self.member(value[self.tag])
        if member is None:
            raise PydanticKnownError("union_tag_invalid", self._context(value[self.tag]))
        return member.__pydantic_validator__.validate_python(value)  # type: ignore[no-any-return]

    def _context(self, tag: Any) -> dict[str, Any]:
        return {"discriminator": self.tag, "tag": str(tag), "expected_tags": ", ".join(self.tags)}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(_dump, info_arg=True)
        return core_schema.no_info_plain_validator_function(self.select, serialization=dump)


def _dump(value: Any, info: SerializationInfo) -> Any:
    """A member as plain values; anything else is left to the other parts of a union, e.g. the path of a file."""
    if not isinstance(value, BaseModel):
        raise PydanticSerializationUnexpectedValue("not a member of the union")
    return value.model_dump(
        mode=info.mode,
        by_alias=info.by_alias,
        exclude_unset=info.exclude_unset,
        exclude_defaults=info.exclude_defaults,
        exclude_none=info.exclude_none,
    )


def lazy_attribute(package: str, places: Mapping[str, str], name: str) -> Any:
    """What a generated package passes on under a name.

    Raises:
        AttributeError: it passes on nothing of that name.
    """
    if name not in places:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(f"{package}.{places[name]}"), name)
