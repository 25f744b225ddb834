"""What a plan gives an engine: a job, whose units are read by one stage and worked on by another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch

from narrows.pipelines.engines.kinds import Kind


class Attempt(Protocol):
    """One try at a unit, as reader and worker see it."""

    @property
    def careful(self) -> bool:
        """Whether an earlier try killed its process: items are taken one by one, each named by `holds` before."""
        ...

    @property
    def aside(self) -> Mapping[str, str]:
        """Items to leave out because they killed their workers, with the reason to list."""
        ...

    def holds(self, items: Sequence[str]) -> None:
        """Note what would be to blame if this process died now."""
        ...

    def may_commit(self) -> bool:
        """Whether the result of this try is kept; of two tries at a unit the first that asks."""
        ...

    def wanted(self) -> bool:
        """Whether nobody else has done the unit yet."""
        ...

    def opened(self, items: int) -> None:
        """The unit has so many items."""
        ...

    def advance(self, items: int, seconds: float) -> None:
        """So many more of its items, with so many seconds of audio, are done."""
        ...


class Reader(Protocol):
    """The stage that reads, decodes and resamples on processors."""

    def start(self, unit: Any, attempt: Attempt) -> Iterator[Any]:
        """Begin to read a unit in the background; gives its blocks, each a bounded amount of audio."""
        ...

    def close(self) -> None:
        """End its threads."""
        ...


class Worker(Protocol):
    """The stage that has the model."""

    @property
    def kind(self) -> Kind:
        """What it computes with."""
        ...

    def work(self, unit: Any, blocks: Iterator[Any], attempt: Attempt) -> Any:
        """Do a unit and keep its result where the job wants it.

        Returns:
            A small summary; None where the try was given up because another one is done.
        """
        ...


class Job(Protocol):
    """Work that consists of units. It is pickled for other processes, so it holds descriptions, no models."""

    @property
    def stages(self) -> tuple[str, str]:
        """What reading and working are called in the progress line; no name where nothing is read."""
        ...

    @property
    def block_bytes(self) -> int:
        """Most bytes of a block, unless one item alone has more."""
        ...

    def reader(self) -> Reader | None:
        """A reader, in the process that will read; None where there is nothing to read."""
        ...

    def worker(self, device: torch.device, threads: int) -> Worker:
        """A worker, in the process that will work, its model loaded and prepared."""
        ...

    def seconds_of(self, block: Any) -> float:
        """Of the audio in a block."""
        ...

    def sizes_of(self, units: Sequence[Any]) -> Sequence[float]:
        """About how long each unit takes, in any measure: the engine gives the longest out first.

        No sizes where none are known, or where results are wanted in the order of the units.
        """
        ...

    def item_names(self, unit: Any) -> Sequence[str]:
        """Names of what a unit consists of, as far as they are known before it is opened."""
        ...


class Alone:
    """A try that has no rivals: that of the local engine."""

    careful = False

    def __init__(self, aside: Mapping[str, str] | None = None) -> None:
        self.aside: Mapping[str, str] = aside or {}

    def holds(self, items: Sequence[str]) -> None:
        """Nobody would be there to read it."""

    def may_commit(self) -> bool:
        """Always."""
        return True

    def wanted(self) -> bool:
        """Always."""
        return True

    def opened(self, items: int) -> None:
        """Nobody asks."""

    def advance(self, items: int, seconds: float) -> None:
        """Nobody asks."""
