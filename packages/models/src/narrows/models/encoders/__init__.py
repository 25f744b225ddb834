"""Encoders: audio `(B, C, T)` to latents `(B, D, L)`; one file a type, named after it.

An encoder or decoder whose call takes more than its input lists the names in a class attribute `call_options`, and
gets them from `Codec.encode` and `decode`.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from torch import nn


@singledispatch
def build_encoder(config: Any) -> nn.Module:
    """Build the encoder of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")
