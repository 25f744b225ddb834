"""Base class of every generated configuration class."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

UNION_MARK = "|"
"""Starts the labels that tell in an error's location which alternative of a union it is about."""

_building: ContextVar[bool] = ContextVar("building", default=False)


class ConfigModel(BaseModel):
    """Immutable, closed and strict, with the number rules of JSON Schema.

    Strict means that `"8"` is not 8 and `true` is not 1. JSON Schema counts 65536.0 as an integer, so integral
    floats are turned into integers before the strict check; a field of type number takes both.

    The validator of a class is compiled when a document first uses the class, and those of the classes inside it when
    they are used: compiling all at once would take longer than reading any document.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
        protected_namespaces=(),
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _integral_floats_are_integers(cls, value: Any) -> Any:
        return {key: _integral(item) for key, item in value.items()} if isinstance(value, dict) else value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """This class's own schema; inside another class, a call that compiles it when it is first needed."""
        if _building.get():
            return core_schema.no_info_plain_validator_function(cls._of)
        token = _building.set(True)
        try:
            schema = handler(source)
            _label_unions(schema)
            return schema
        finally:
            _building.reset(token)

    @classmethod
    def _of(cls, value: Any) -> Any:
        return value if type(value) is cls else cls.__pydantic_validator__.validate_python(value)


def _integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_integral(item) for item in value]
    return value


def _label_unions(schema: Any) -> None:
    """Give the alternatives of unions labels that no key of a document can be taken for."""
    if isinstance(schema, dict):
        if schema.get("type") == "union":
            choices = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
            schema["choices"] = [(choice, f"{UNION_MARK}{index}") for index, choice in enumerate(choices)]
        for value in schema.values():
            _label_unions(value)
    elif isinstance(schema, list | tuple):
        for item in schema:
            _label_unions(item)
