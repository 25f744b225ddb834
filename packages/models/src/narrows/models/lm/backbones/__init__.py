"""Backbones of language models; one file a type, named after it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.models.lm.backbones.base import LMBackbone

__all__ = ["LMBackbone", "build_lm_backbone"]


@singledispatch
def build_lm_backbone(config: Any) -> LMBackbone:
    """Build the backbone of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")
