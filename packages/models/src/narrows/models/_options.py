"""From a typed component to plain keyword arguments."""

from __future__ import annotations

from typing import Any

from pydantic.fields import FieldInfo


def options(config: Any) -> dict[str, Any]:
    """The options below `config` of a component, as keyword arguments; lists are copies.

    Options that only old files have, and that change nothing, are left out.
    """
    fields: dict[str, FieldInfo] = type(config.config).model_fields
    return {key: value for key, value in config.config.model_dump().items() if not only_for_old_files(fields[key])}


def only_for_old_files(field: FieldInfo) -> bool:
    """Whether an option is accepted for compatibility only: `"x-role": "compatibility"` in the schema."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("x-role") == "compatibility"
