"""Steps that are recorded once and played many times: as a CUDA graph, a step costs one launch and not one a kernel.

Letters: B batch, K codebooks, L places of a cache that a step looks at.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

import torch
from torch import Tensor

from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.blocks.transformer.places import Place

SMALLEST = 64
"""Places of a cache that the first recording looks at; each further one looks at twice as many."""
Play = Callable[[], Tensor]
"""Does recorded work again, on what is then in the memory that it reads; gives the same tensor every time."""


class RecordingWarning(UserWarning):
    """A step could not be recorded; generation is slower, and otherwise the same."""


class Recorder(Protocol):
    """Something that records work on a device."""

    def record(self, work: Callable[[], Tensor]) -> Play:
        """Record work, which may be done several times for that, and need not have been done when this returns.

        Raises:
            RuntimeError: the device, or a part of the work, does not allow it.
        """
        ...


class CudaGraphs:
    """Records CUDA graphs, which share one pool of memory: no two of them may be played at the same time.

    Args:
        device: where the work is done.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.pool = torch.cuda.graph_pool_handle()

    def record(self, work: Callable[[], Tensor]) -> Play:
        """See `Recorder`."""
        with torch.cuda.device(self.device):
            current, side = torch.cuda.current_stream(), _side_stream(self.device)
            side.wait_stream(current)
            graph = torch.cuda.CUDAGraph()
            try:
                # This outer block takes the stream back also where a capture fails, which torch's own does not.
                with torch.cuda.stream(side):
                    work()  # libraries allocate what they need at their first call, which a capture does not allow
                    with torch.cuda.graph(graph, pool=self.pool, stream=side, capture_error_mode="thread_local"):
                        out = work()
            except RuntimeError:
                # Older versions of torch leave it such that it refuses to draw after a failed capture; a copy does not.
                generator = torch.cuda.default_generators[self.device.index]
                generator.graphsafe_set_state(generator.clone_state())
                raise
            finally:
                current.wait_stream(side)

        def play() -> Tensor:
            graph.replay()
            return out

        return play


class RecordedSteps:
    """Steps of one token, recorded for each size of the part of the cache that they look at.

    The sizes double from `SMALLEST` up to the capacity of the cache. Each is recorded when a run first reaches it.

    Args:
        cache: of the run.
        recorder: records the steps.
    """

    def __init__(self, cache: KeyValueCache, recorder: Recorder) -> None:
        self.cache = cache
        self.recorder: Recorder | None = recorder
        self.plays: dict[int, Play] = {}
        self.tokens: Tensor | None = None
        self.index: Tensor | None = None

    def __call__(self, tokens: Tensor, work: Callable[[Tensor], Tensor]) -> Tensor | None:
        """What `work` makes of the tokens `(B, K, 1)` of a step; None where the step has to be done as it is.

        The result is overwritten by the next step.

        Args:
            tokens: of the step behind those in the cache.
            work: a step that uses the cache; the same at every call.
        """
        if self.recorder is None or tokens.shape[-1] != 1 or not self.cache.takes_a_recorded_step:
            return None
        position = self.cache.position
        if self.tokens is None or self.index is None:
            self.tokens, self.index = tokens.clone(), torch.empty(1, dtype=torch.long, device=tokens.device)
        self.tokens.copy_(tokens)
        self.index.fill_(position)
        length = places(position, self.cache.capacity)
        if length not in self.plays:
            try:
                self.plays[length] = self.recorder.record(partial(self._work, work, length))
            except (RuntimeError, ValueError) as error:
                self._give_up(position, error)
                return None
        out = self.plays[length]()
        self.cache.position = position + 1
        return out

    def _work(self, work: Callable[[Tensor], Tensor], length: int) -> Tensor:
        assert self.tokens is not None
        assert self.index is not None
        self.cache.place = Place(self.index, length)
        try:
            return work(self.tokens)
        finally:
            self.cache.place = None

    def _give_up(self, position: int, error: Exception) -> None:
        """Leave the cache as it was: the keys of the new token are written again by the step as it is."""
        self.recorder = None
        self.plays.clear()
        self.cache.position = position
        first = error.__context__ or error  # ending a capture that has failed fails too, and says less
        reason = str(first).strip().partition("\n")[0]
        warnings.warn(
            f"Generation goes on without CUDA graphs, which is slower: a step could not be recorded ({reason}). "
            "cuda_graphs=False says nothing and does the same.",
            RecordingWarning,
            stacklevel=2,
        )


def recorder_of(device: torch.device) -> Recorder | None:
    """What records steps on a device; None where there is nothing."""
    return CudaGraphs(device) if device.type == "cuda" else None


def places(position: int, capacity: int) -> int:
    """Places of a cache that a step behind `position` tokens looks at (L)."""
    length = SMALLEST
    while length <= position:
        length *= 2
    return min(length, capacity)


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """One for all runs: libraries keep memory for every stream that they have seen."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
