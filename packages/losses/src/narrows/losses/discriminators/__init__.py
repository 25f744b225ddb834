"""Discriminators: what tells reconstructions from originals; one file a type, named after it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.losses.discriminators.base import Discriminator, Judgement, frozen

__all__ = ["Discriminator", "Judgement", "build_discriminator", "frozen"]


@singledispatch
def build_discriminator(config: Any, channels: int, sample_rate: int) -> Discriminator:
    """Build the discriminator of a typed configuration; each type registers its builder in its own file.

    Args:
        config: typed.
        channels: of what is judged.
        sample_rate: in Hz.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
