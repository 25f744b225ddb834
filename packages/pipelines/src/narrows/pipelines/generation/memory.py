"""Memory that does not suffice, told as what to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from narrows.configs import NarrowsError

PHRASES = ("can't allocate memory", "not enough memory", "out of memory")


class NotEnoughMemoryError(NarrowsError, MemoryError):
    """A generation does not fit into memory."""


@contextmanager
def told_memory() -> Iterator[None]:
    """Tell a lack of memory as a `NotEnoughMemoryError`, which says what to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        lacks = isinstance(error, (torch.OutOfMemoryError, MemoryError))
        if isinstance(error, NarrowsError) or not (lacks or any(phrase in str(error) for phrase in PHRASES)):
            raise
        raise NotEnoughMemoryError(
            "The memory does not suffice. The cheapest changes: a smaller batch_size (1 works on one sound at a time), "
            "offload (only the part at work is on the device), precision bfloat16, fewer seconds. What is written "
            "stays, and a further run goes on from there"
        ) from error
