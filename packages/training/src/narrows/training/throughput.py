"""Throughput of a training: items, samples, latent frames or tokens, and floating-point operations.

Everything is counted over all processes and accumulated batches, without padding. Operations are those that torch
executes, forward and backward: matrix products, convolutions and attention, by torch's own formulas; what is computed
again with `gradient_checkpointing` counts again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from narrows.pipelines.throughput import END, SHARE, START
from narrows.training.data_iterator import Batch
from narrows.training.distributed.fabric import sum_over_processes
from narrows.training.masks import frame_mask, padding_mask
from narrows.training.matrix_rate import matrix_rate


class Unit(NamedTuple):
    """What a trainer counts beside items."""

    name: str = "samples"
    size: int = 1
    """Samples or frames of a batch that make one."""
    each: int = 1
    """How many there are of each: the codebooks of tokens."""

    def count(self, batch: Batch) -> int:
        """How many a batch holds, without padding."""
        signal, metadata = batch
        mask = padding_mask(metadata, signal.shape[-1])
        if mask is None:
            return len(signal) * -(-signal.shape[-1] // self.size) * self.each
        return int(frame_mask(mask, self.size).sum()) * self.each


@dataclass(frozen=True)
class Work:
    """What one step did in this process."""

    items: int
    units: int
    """Samples, latent frames or tokens."""
    flops: int | None
    """None where they cannot be counted."""


class FlopCount(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the floating-point operations of what runs inside."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, and count it."""
        out = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += int(formula(*args, **(kwargs or {}), out_val=out))
        return out


class StepMeter:
    """Counts the work of steps.

    Watching operations costs a little, so only some steps are watched: the first with batches of its shapes, the
    second, the fourth and so on, as what is cached is computed in the first ones only.

    Args:
        unit: of the trainer.
        watches: False where operations cannot be watched, because networks are compiled.
    """

    def __init__(self, unit: Unit, watches: bool = True) -> None:
        self.unit, self.watches = unit, watches
        self._seen: Counter[Hashable] = Counter()
        self._flops: dict[Hashable, int] = {}

    @contextmanager
    def step(self, batches: Sequence[Batch], kind: Hashable) -> Iterator[Callable[[], Work]]:
        """Inside, a step is done; afterwards what this gives tells its work.

        Args:
            batches: of the step.
            kind: of the step, where steps of one shape differ; None where each differs.
        """
        key = (kind, *(tuple(signal.shape) for signal, _ in batches))
        self._seen[key] += 1
        seen = self._seen[key]
        watched = self.watches and (kind is None or seen & (seen - 1) == 0)
        with FlopCount() if watched else nullcontext() as counter:
            yield lambda: self._done(batches, key)
        if counter is not None:
            self._flops[key] = counter.total

    def _done(self, batches: Sequence[Batch], key: Hashable) -> Work:
        items = sum(len(signal) for signal, _ in batches)
        return Work(items, sum(map(self.unit.count, batches)), self._flops.get(key))


class Throughput:
    """Adds up the work of steps until it is taken.

    Args:
        fabric: launched.
        unit: of the trainer.
        dtype: in which the networks multiply.
    """

    def __init__(self, fabric: Fabric, unit: Unit, dtype: torch.dtype) -> None:
        self._fabric, self._unit, self._dtype = fabric, unit, dtype
        self._steps, self._items, self._units, self._seconds = 0, 0, 0, 0.0
        self._flops: int | None = 0

    def start(self) -> None:
        """Measure the machine, while it does nothing else."""
        matrix_rate(self._dtype, self._fabric.device)

    def add(self, work: Work, seconds: float) -> None:
        """Add a step."""
        self._steps += 1
        self._seconds += seconds
        self._items, self._units = self._items + work.items, self._units + work.units
        self._flops = None if work.flops is None or self._flops is None else self._flops + work.flops

    def take(self) -> dict[str, float]:
        """Amounts a step and a second since they were last taken; all processes call it."""
        if not self._steps:
            return {}
        rate = matrix_rate(self._dtype, self._fabric.device)
        counts = [self._items, self._units, self._flops or 0, rate]
        items, units, flops, most = self._sums(torch.tensor(counts, dtype=torch.float64))
        amounts = {"items": items, self._unit.name: units, **({} if self._flops is None else {"flops": flops})}
        found = {f"{START}{name}_per_step": amount / self._steps for name, amount in amounts.items()}
        found |= {f"{START}{name}{END}": amount / self._seconds for name, amount in amounts.items()}
        if self._flops is not None:
            found[SHARE] = flops / self._seconds / most
        self._steps, self._items, self._units, self._seconds, self._flops = 0, 0, 0, 0.0, 0
        return found

    def _sums(self, counts: Tensor) -> list[float]:
        # MPS lacks float64; it has one process.
        many = self._fabric.world_size > 1
        sums: list[float] = (sum_over_processes(self._fabric, counts) if many else counts).tolist()
        return sums
