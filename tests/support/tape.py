"""Recording work on the CPU as a CUDA graph does: what the host computes is fixed, what tensors hold is read anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map_only

ASKING = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.item.default}
"""Operations that bring a number from the device; in inference mode the second is not taken apart into the first."""


class Tape(TorchDispatchMode):
    """The operations of some work; asking for a number on the device fails, as in the capture of a graph."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, list[Any]]] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here, and asking its compiler imports it, which takes longer than the tests

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Do and record one operation."""
        if func in ASKING:
            raise RuntimeError("operation not permitted when stream is capturing\nand further lines")
        out = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, tree_flatten(out)[0]))
        return out

    def play(self) -> dict[int, Tensor]:
        """Do the operations again; gives the new tensors by the identity of the recorded ones."""
        new: dict[int, Tensor] = {}

        def current(tensor: Tensor) -> Tensor:
            return new.get(id(tensor), tensor)

        for func, args, kwargs, outputs in self.calls:
            args, kwargs = tree_map_only(Tensor, current, (args, kwargs))
            made = tree_flatten(func(*args, **kwargs))[0]
            for old, tensor in zip(outputs, made, strict=True):
                if isinstance(old, Tensor):
                    new[id(old)] = tensor
        return new


class TapeRecorder:
    """Records tapes, and counts.

    Args:
        failing: the recording, counted from 0, that fails; None for none.
    """

    def __init__(self, failing: int | None = None) -> None:
        self.failing = failing
        self.recorded = 0
        self.played: list[int] = []
        """For each step, which recording it was."""

    def record(self, work: Callable[[], Tensor]) -> Callable[[], Tensor]:
        """See `narrows.models.lm.recording.Recorder`."""
        number, self.recorded = self.recorded, self.recorded + 1
        work()
        with Tape() as tape:
            result = work()
            if number == self.failing:
                raise RuntimeError("operation not permitted when stream is capturing\nand further lines")
        kept = result.clone().fill_(float("nan"))

        def play() -> Tensor:
            self.played.append(number)
            return kept.copy_(tape.play()[id(result)])

        return play
