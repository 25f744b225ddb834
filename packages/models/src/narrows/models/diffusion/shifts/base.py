"""What every shift of times is."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from narrows.configs import NarrowsError


class ShiftError(NarrowsError, ValueError):
    """A shift cannot be computed."""


class Shift(Protocol):
    """A map of the times [0, 1] onto themselves that never falls, and depends on the length of the sequence."""

    def shift(self, time: Tensor, length: int) -> Tensor:
        """Shifted times, of the shape of `time`.

        Args:
            time: in [0, 1]; 1 is pure noise.
            length: of the sequence, in latent frames.
        """

    def unshift(self, time: Tensor, length: int) -> Tensor:
        """The times that `shift` maps to these; below 0 or above 1 where it maps none to them."""


def checked_length(length: int) -> int:
    """A length of at least 1.

    Raises:
        ShiftError: it is less.
    """
    if length < 1:
        raise ShiftError(f"The length of a sequence must be at least 1 latent frame, got {length}")
    return length
