"""What is hidden from a network in training, and lengths of items: what networks of all kinds are asked with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from torch import Tensor

Lengths: TypeAlias = Tensor | Sequence[int] | None
"""Frames of each item `(B,)`; None where all items fill their codes."""


class Hidden(NamedTuple):
    """Tokens that a masked model has to fill in: some of one codebook, and all codebooks behind it."""

    codebook: int
    frames: Tensor
    """`(B, T)`, true where the token of the codebook is hidden and predicted."""
