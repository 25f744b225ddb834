"""Keys and values of the tokens so far, so that a decoder works on new tokens alone.

The memory is allocated once for a whole run; a step writes its keys and values into it and attends to what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import proxy

import torch
from torch import Tensor

from narrows.models.blocks.transformer.places import Place, Position
from narrows.models.blocks.transformer.windows import Window


class AttentionCache:
    """Keys and values of one attention layer; layers of differential attention have two sets of keys.

    Args:
        capacity: tokens that there is room for.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.keys: list[Tensor] = []
        self.values: Tensor | None = None

    def extend(self, keys: list[Tensor], values: Tensor, position: Position) -> tuple[list[Tensor], Tensor]:
        """Write keys and values `(B, H, n, F)` of new tokens; returns those of all tokens `(B, H, position + n, F)`.

        At a `Place` they are those of its L places, of which the last may hold anything finite.
        """
        if isinstance(position, Place):
            return self._put(keys, values, position)
        end = position + values.shape[-2]
        if end > self.capacity:
            raise ValueError(f"The cache has room for {self.capacity} tokens, got {end}")
        if torch.is_grad_enabled():  # writing into what a gradient needs is not possible
            if self.values is not None:
                keys = [torch.cat(pair, dim=-2) for pair in zip(self.keys, keys, strict=True)]
                values = torch.cat((self.values, values), dim=-2)
            self.keys, self.values = keys, values
            return keys, values
        if self.values is None:
            self.keys = [self._room(k) for k in keys]
            self.values = self._room(values)
        for room, new in zip((*self.keys, self.values), (*keys, values), strict=True):
            room[..., position:end, :] = new
        return [k[..., :end, :] for k in self.keys], self.values[..., :end, :]

    def _put(self, keys: list[Tensor], values: Tensor, place: Place) -> tuple[list[Tensor], Tensor]:
        assert self.values is not None, "a recorded step follows others"
        for room, new in zip((*self.keys, self.values), (*keys, values), strict=True):
            room.index_copy_(-2, place.index, new)
        return [k[..., : place.length, :] for k in self.keys], self.values[..., : place.length, :]

    def _room(self, x: Tensor) -> Tensor:
        # Zeros: hidden places are multiplied by zero, and what memory happens to hold may be no number.
        return x.new_zeros((*x.shape[:-2], self.capacity, x.shape[-1]))

    def tensors(self) -> Iterator[Tensor]:
        """What takes memory."""
        yield from self.keys
        if self.values is not None:
            yield self.values


class BlockCache:
    """The caches of a transformer block.

    Args:
        owner: those of the transformer, which has to outlive this.
        capacity: tokens that there is room for.
    """

    def __init__(self, owner: KeyValueCache, capacity: int) -> None:
        self.owner = owner
        self.self_attn = AttentionCache(capacity)
        self.cross_attn = AttentionCache(0)
        """Keys and values of the context, which are computed once."""

    @property
    def where(self) -> Position:
        """Tokens before the new ones."""
        return self.owner.where


class KeyValueCache:
    """The caches of a transformer.

    Args:
        layers: blocks.
        capacity: tokens that there is room for, those in front of the sequence included.
    """

    def __init__(self, layers: int, capacity: int) -> None:
        self.position = 0
        self.place: Place | None = None
        """Of the new token, while a step is recorded."""
        self.capacity = capacity
        # In a circle with its layers, it would hold its memory until the next garbage collection.
        self.layers = [BlockCache(proxy(self), capacity) for _ in range(layers)]
        self.held: Tensor | None = None
        """Input of a step that has to be worked on again with the next one."""
        self.positions: Tensor | None = None
        """Embeddings of positions `(capacity, D)` where they are worked out once for a run."""
        self.steps: Any = None
        """The blocks taken apart (`stepping.Steps`) for steps of one token; None where the blocks do those too."""

    @property
    def where(self) -> Position:
        """Tokens before the new ones."""
        return self.position if self.place is None else self.place

    @property
    def takes_a_recorded_step(self) -> bool:
        """Whether a next token can be worked on at a `Place`: behind others, all of which have their keys here."""
        started = self.held is None and 0 < self.position < self.capacity
        return started and not torch.is_grad_enabled()

    def takes_a_step(self, x: Tensor) -> bool:
        """Whether tokens `(B, N, D)` are a single one behind others, that the blocks taken apart can work on."""
        return self.steps is not None and self.position > 0 and x.shape[1] == 1 and not torch.is_grad_enabled()

    @property
    def bytes(self) -> int:
        """Memory of all keys and values."""
        parts = (part for layer in self.layers for part in (layer.self_attn, layer.cross_attn))
        storages = [t.untyped_storage() for part in parts for t in part.tensors()]
        return sum(
            {storage.data_ptr(): storage.nbytes() for storage in storages}.values()
        )  # keys and values may be views of one


def causal_mask(
    new: int, position: Position, window: Window | None, keys: Tensor | None, device: torch.device
) -> Tensor | None:
    """Which of the tokens so far each new token sees: `(n, N)` or `(B, 1, n, N)`; None for all of them.

    At a `Place` N is L. A token always sees itself, so that no row is empty.

    Args:
        new: new tokens (n).
        position: tokens before them; N is the sum.
        window: `(left, right)` tokens around itself that a token sees; None for no bound.
        keys: `(B, m)`, false for tokens among the first m that nobody sees; None for none.
        device: of the result.
    """
    if isinstance(position, Place):
        query, key, seen = position.index[:, None], position.all, position.seen
    elif new == 1 and keys is None and (window is None or window[0] >= position):
        return None
    else:
        query = torch.arange(position, position + new, device=device)[:, None]
        key = torch.arange(position + new, device=device)
        seen = key <= query
    if window is not None:
        seen = seen & (key >= query - window[0])
    if keys is None:
        return seen
    shown = torch.ones(len(keys), key.shape[0], dtype=torch.bool, device=device)
    count = min(keys.shape[1], key.shape[0])
    shown[:, :count] = keys[:, :count]
    return (seen & shown[:, None, None]) | (key == query)


def context_mask(new: int, position: Position, context: int, device: torch.device) -> Tensor | None:
    """Which tokens of a context each new token sees where cross-attention is causal: token i sees 0 to i.

    A sequence of one token sees all (stable-audio-tools): None, as where everything is seen anyway.
    """
    if isinstance(position, Place):
        query = position.index[:, None]
    elif position + new == 1 or position >= context - 1:
        return None
    else:
        query = torch.arange(position, position + new, device=device)[:, None]
    return torch.arange(context, device=device) <= query
