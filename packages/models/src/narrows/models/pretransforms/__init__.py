"""Pretransforms: fixed or trained transforms in front of the encoder and behind the decoder; one file a type."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.models.pretransforms.base import Pretransform

__all__ = ["Pretransform", "build_pretransform"]


@singledispatch
def build_pretransform(config: Any, sample_rate: int) -> Pretransform:
    """Build the pretransform of a typed configuration; each type registers its builder in its own file.

    Args:
        config: typed configuration.
        sample_rate: of the audio, in Hz.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
