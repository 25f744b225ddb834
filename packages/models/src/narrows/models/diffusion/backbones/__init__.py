"""Diffusion backbones; one file a type, named after it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.models.diffusion.backbones.base import Backbone

__all__ = ["Backbone", "build_backbone"]


@singledispatch
def build_backbone(config: Any, objective: str | None = None) -> Backbone:
    """Build the backbone of a typed configuration; each type registers its builder in its own file.

    Args:
        config: typed configuration.
        objective: quantity that the backbone predicts, where its configuration does not name it.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
