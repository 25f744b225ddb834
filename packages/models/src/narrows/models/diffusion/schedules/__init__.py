"""Schedules: the times of a sampling, as data; one file a type, named after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from importlib import import_module
from typing import Any

from narrows.configs import load_config
from narrows.models.diffusion.schedules.base import Schedule, ScheduleError, Span

__all__ = ["Schedule", "ScheduleError", "Span", "build_schedule", "create_schedule_from_config"]


@singledispatch
def build_schedule(config: Any) -> Schedule:
    """Build the schedule of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def create_schedule_from_config(config: Any) -> Schedule:
    """The schedule of a configuration.

    Args:
        config: a type as a string, e.g. `logsnr_stretched`; or a dictionary or typed configuration of
            `schemas-json/schedules`.

    Raises:
        ConfigError: the configuration is wrong.
    """
    if isinstance(config, str):
        config = {"type": config}
    typed = load_config(config, "schedule") if isinstance(config, Mapping) else config
    import_module(f"{__name__}.{typed.type}")
    return build_schedule(typed)
