"""Recurrent layers in pieces: the state goes from one piece to the next.

Pieces overlap, and a recurrent layer must see each frame once and in order. So while a piece runs, the frames that the
layer has seen already come from a store, it goes on from its state with those that are new and valid, and the rest,
which the piece's edge has spoilt and nobody keeps, is an aside.

State belongs to the call: the layers are not changed, so that threads share a model. `LSTMLayers` asks what its thread
carries; for torch's own LSTM and GRU, the function that they call is intercepted in this thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from narrows.models.blocks.carried import carrying
from narrows.models.receptive_field import ReceptiveField, Recurrence
from narrows.models.streaming.errors import NotExactError


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
        """Go on from the state, in this thread."""
        stride = self._before.stride
        offset = int(start / stride)
        valid = None if final else ceil((end - self._before.right) / stride)
        asked = False

        def run(x: Tensor) -> tuple[Tensor, Any]:
            nonlocal asked
            asked = True
            return self._forward(x, offset, x.shape[self._axis] + offset if valid is None else valid)

        foreign = isinstance(self._module, (nn.LSTM, nn.GRU))
        with _Intercepted(self._module, run) if foreign else carrying(self._module, run):
            yield
        if not asked:  # Without the state the numbers would be wrong in silence.
            raise NotExactError(
                f"{type(self._module).__name__} carries a state but its forward does not ask for it: "
                "call narrows.models.blocks.carried.carried(self) there"
            )

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


class _Intercepted(TorchFunctionMode):
    """While torch's own LSTM or GRU runs in this thread, in place of the function that it calls."""

    def __init__(self, module: Any, run: Callable[[Tensor], tuple[Tensor, Any]]) -> None:
        super().__init__()
        self._module = module
        self._function = "lstm" if isinstance(module, nn.LSTM) else "gru"
        self._run = run

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the layer's piece when the function is that of the layer."""
        if getattr(func, "__name__", "") != self._function or args[2] is not self._module._flat_weights:
            return func(*args, **(kwargs or {}))
        out, state = self._run(args[0])
        return (out, *state) if self._function == "lstm" else (out, state)
