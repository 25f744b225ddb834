"""Where new tokens are behind those of a cache: a number of tokens, or a place that only the device knows.

A number makes views of the tokens so far, which are longer at every step. A step that is recorded once and played many
times has to have one size and one address for all that it reads and writes: it has a `Place`.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Place:
    """The place of the single new token of a recorded step.

    Args:
        index: `(1,)`, int64: tokens before the new one, at least one. What is in it counts when the step is played.
        length: places of the cache that the step looks at (L), more than `index`; those behind its own are hidden.
    """

    def __init__(self, index: Tensor, length: int) -> None:
        self.index = index
        self.length = length
        self.all = torch.arange(length, device=index.device)
        """`(L,)`"""
        self.seen = (self.all <= index)[None]
        """`(1, L)`: the places of the tokens so far and of the new one."""


Position = int | Place
"""Tokens before the new ones."""


class PositionEmbedding(Protocol):
    """A module that says something of positions."""

    def __call__(self, length: int, start: int = 0) -> Tensor:
        """Of the positions `start` to `length - 1`: `(N, D)`."""
        ...

    def at(self, positions: Tensor) -> Tensor:
        """Of positions `(N,)`, integers on its device: `(N, D)`."""
        ...


def embedded(embedding: PositionEmbedding, position: Position, new: int) -> Tensor:
    """What an embedding says of the positions of new tokens: `(new, D)`."""
    return embedding.at(position.index) if isinstance(position, Place) else embedding(position + new, position)


def rows(table: Tensor, position: Position, new: int) -> Tensor:
    """The rows of new tokens `(new, D)` of a table of all positions `(N, D)`."""
    return table.index_select(0, position.index) if isinstance(position, Place) else table[position : position + new]
