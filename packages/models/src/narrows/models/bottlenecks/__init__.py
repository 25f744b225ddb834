"""Bottlenecks, between encoder and decoder; one file a type, named after it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.models.bottlenecks.base import Bottleneck, DiscreteBottleneck, LossTerm

__all__ = ["Bottleneck", "DiscreteBottleneck", "LossTerm", "build_bottleneck"]


@singledispatch
def build_bottleneck(config: Any) -> Bottleneck:
    """Build the bottleneck of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")
