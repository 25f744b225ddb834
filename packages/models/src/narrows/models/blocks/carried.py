"""What stands in for a layer's run while one thread runs a network on a piece of a clip; other threads see nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from torch import Tensor, nn

# One entry a thread and layer. While it is empty, compiled code need not ask which thread it is.
_RUNS: dict[tuple[int, int], Callable[[Tensor], Any]] = {}


@contextmanager
def carrying(layer: nn.Module, run: Callable[[Tensor], Any]) -> Iterator[None]:
    """While this thread runs, `carried(layer)` is `run` in this thread; pieces within pieces are put back."""
    key = get_ident(), id(layer)
    outer = _RUNS.get(key)
    _RUNS[key] = run
    try:
        yield
    finally:
        if outer is None:
            del _RUNS[key]
        else:
            _RUNS[key] = outer


def carried(layer: nn.Module) -> Callable[[Tensor], Any] | None:
    """What this thread runs instead of a layer from a state of zeros; None outside pieces."""
    return _RUNS.get((get_ident(), id(layer))) if _RUNS else None
