"""Base class of every generated configuration class."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from narrows.configs._shorthands import expand

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
    def _as_json_means_it(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: _integral(item) for key, item in expand(cls.__name__, value).items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """This class's own schema; inside another class, a call that compiles it when it is first needed."""
        if _building.get():
            return core_schema.no_info_plain_validator_function(cls._of)
        token = _building.set(True)
        try:
            schema = handler(source)
            _prepare(schema)
            cls._refuse_zero(schema)
            return schema
        finally:
            _building.reset(token)

    @classmethod
    def _refuse_zero(cls, schema: Any) -> None:
        """Give the fields that must not be 0 a check; the generator has no word for it."""
        fields = _model_fields(schema)
        for name, field in cls.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and extra.get("x-nonzero"):
                inner = fields[name]["schema"]
                holder = inner if inner["type"] == "default" else fields[name]
                holder["schema"] = core_schema.no_info_after_validator_function(_nonzero, holder["schema"])

    @classmethod
    def _of(cls, value: Any) -> Any:
        return value if type(value) is cls else cls.__pydantic_validator__.validate_python(value)


def _model_fields(schema: Any) -> Any:
    """The fields inside a class's schema."""
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return schema["fields"]


def _nonzero(value: Any) -> Any:
    if value == 0:
        raise PydanticCustomError("nonzero", "must not be 0")
    return value


def _integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_integral(item) for item in value]
    return value


def _prepare(schema: Any) -> None:
    """Change what pydantic makes of a class in two places.

    The alternatives of unions get labels that no key of a document can be taken for, and a literal number does not
    take `true` or `false`, which equal 1 and 0 in Python.
    """
    if isinstance(schema, dict):
        for value in schema.values():
            _prepare(value)
        if schema.get("type") == "union":
            choices = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
            schema["choices"] = [(choice, f"{UNION_MARK}{index}") for index, choice in enumerate(choices)]
        if schema.get("type") == "literal" and any(type(value) is int for value in schema["expected"]):
            inner = dict(schema)
            schema.clear()
            schema.update(core_schema.no_info_before_validator_function(_no_bool, inner))
    elif isinstance(schema, list | tuple):
        for item in schema:
            _prepare(item)


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value
