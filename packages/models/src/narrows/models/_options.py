"""From a typed component to plain keyword arguments."""

from __future__ import annotations

from typing import Any


def options(config: Any) -> dict[str, Any]:
    """The options below `config` of a component, as keyword arguments; lists are copies."""
    arguments: dict[str, Any] = config.config.model_dump()
    return arguments
