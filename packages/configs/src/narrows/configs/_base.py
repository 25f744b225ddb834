"""Base class of every generated configuration class."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class ConfigModel(BaseModel):
    """Immutable, closed and strict, with the number rules of JSON Schema.

    Strict means that `"8"` is not 8 and `true` is not 1. JSON Schema counts 65536.0 as an integer, so integral
    floats are turned into integers before the strict check; a field of type number takes both.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
        protected_namespaces=(),
        # Validators are compiled when a class is first used: importing a hundred classes stays fast.
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _integral_floats_are_integers(cls, value: Any) -> Any:
        return {key: _integral(item) for key, item in value.items()} if isinstance(value, dict) else value


def _integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_integral(item) for item in value]
    return value
