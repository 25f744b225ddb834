"""Shifts of diffusion times by the length of a sequence; one file a type, named after it."""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module
from typing import Any

from narrows.models.diffusion.shifts.base import Shift, ShiftError

__all__ = ["Shift", "ShiftError", "build_shift", "create_shift_from_config"]


@singledispatch
def build_shift(config: Any) -> Shift:
    """Build the shift of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def create_shift_from_config(config: Any) -> Shift | None:
    """The shift of a `distribution_shift_options`; None for None and for the type `none`.

    Args:
        config: a typed configuration of `schemas-json/distribution_shifts`, or None.
    """
    if config is None or config.type == "none":
        return None
    import_module(f"{__name__}.{config.type}")
    return build_shift(config)
