"""Recurrent layers in pieces: the state goes from one piece to the next.

Pieces overlap, and a recurrent layer must see each frame once and in order. So while a piece runs, the layer's
forward is replaced by one that takes the frames it has seen already from a store, goes on from its state with those
that are new and valid, and treats the rest, which the piece's edge has spoilt and nobody keeps, as an aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, Recurrence


class CarriedStates:
    """The states of all recurrent layers of a network over one clip."""

    def __init__(self, field: ReceptiveField) -> None:
        self._layers = [_CarriedState(recurrence) for recurrence in field.recurrences]

    @contextmanager
    def at(self, start: int, end: int, final: bool) -> Iterator[None]:
        """While the network runs on the inputs from `start` to `end`; `final` when they reach the end of the clip."""
        with ExitStack() as stack:
            for layer in self._layers:
                stack.enter_context(layer.at(start, end, final))
            yield


class _CarriedState:
    def __init__(self, recurrence: Recurrence) -> None:
        self._module: Any = recurrence.module
        self._axis = 1 if self._module.batch_first else 0
        self._before = recurrence.before
        self._state: Any = None
        self._seen = 0
        self._store: Tensor | None = None
        self._store_start = 0

    @contextmanager
    def at(self, start: int, end: int, final: bool) -> Iterator[None]:
        """Replace the layer's forward."""
        stride = self._before.stride
        offset = int(start / stride)
        valid = None if final else ceil((end - self._before.right) / stride)

        def forward(x: Tensor) -> Any:
            out, state = self._forward(x, offset, x.shape[self._axis] + offset if valid is None else valid)
            return (out, state) if isinstance(self._module, (nn.LSTM, nn.GRU)) else out

        self._module.forward = forward
        try:
            yield
        finally:
            del self._module.forward

    def _forward(self, x: Tensor, offset: int, valid: int) -> tuple[Tensor, Any]:
        """Frames are counted over the whole clip; `x` starts at `offset`, and is right up to `valid`."""
        length = x.shape[self._axis]
        valid = min(max(valid, self._seen), offset + length)
        parts = []
        if self._store is not None and self._seen > offset:
            parts.append(self._slice(self._store, offset - self._store_start, self._seen - self._store_start))
        if valid > self._seen:
            fresh, self._state = self._run(self._slice(x, self._seen - offset, valid - offset), self._state)
            parts.append(fresh)
        aside_state = self._state
        if offset + length > valid:
            aside, aside_state = self._run(self._slice(x, valid - offset, length), self._state)
            parts.append(aside)
        out = torch.cat(parts, dim=self._axis)
        # Pieces start ever later, so earlier outputs are not needed again.
        self._store, self._store_start, self._seen = self._slice(out, 0, valid - offset), offset, valid
        return out, aside_state

    def _run(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        out: tuple[Tensor, Any]
        if isinstance(self._module, (nn.LSTM, nn.GRU)):
            own: Any = type(self._module).forward
            out = own(self._module, x, state)
        else:
            out = self._module.advance(x, state)
        return out

    def _slice(self, x: Tensor, start: int, end: int) -> Tensor:
        return x.narrow(self._axis, start, end - start)
