"""Which streams of shards a process reads, so that any number of processes that divides them takes the same samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import gcd

from narrows.data.errors import DataError


@dataclass(frozen=True)
class StreamLayout:
    """The streams of all processes together.

    Batches of all streams are handed out in turn, and dealt to the processes in turn; so the streams of a process
    are always the same ones, and an update takes the same batches whoever reads them.

    Args:
        streams: of all processes.
        epoch_batches: batches of an epoch of all processes.
        batch_size: samples of each.
        update_size: samples of an update, over all processes.
    """

    streams: int
    epoch_batches: int
    batch_size: int
    update_size: int

    @classmethod
    def first(cls, streams: int, steps: int, batch_size: int, update_size: int, processes: int) -> StreamLayout:
        """The layout of a new run, for the processes that it starts with.

        Args:
            streams: of each.
            steps: batches of an epoch, of each; raised to whole updates.
            batch_size: samples of a batch of each, at most.
            update_size: samples of an update, over all.
            processes: how many there are.
        """
        size = max(1, min(batch_size, update_size // processes))
        while update_size % (size * processes) and size > 1:
            size -= 1
        update = max(1, update_size // size)
        return cls(streams * processes, -(-steps * processes // update) * update, size, update_size)

    def check(self, processes: int) -> None:
        """Refuse processes that cannot share it.

        Raises:
            DataError: it says how many can.
        """
        most = gcd(self.streams, self.update_size // self.batch_size)
        if self.update_size % (self.batch_size * processes) or self.streams % processes:
            fitting = [str(number) for number in range(1, most + 1) if most % number == 0]
            raise DataError(
                f"{processes} processes cannot share {self.streams} streams of shards and updates of "
                f"{self.update_size} samples in batches of {self.batch_size}: start {', '.join(fitting)}"
            )

    def of(self, processes: int) -> tuple[int, int]:
        """Streams and batches of an epoch, of each of so many processes."""
        return self.streams // processes, self.epoch_batches // processes

    def state_dict(self) -> dict[str, int]:
        """What a checkpoint keeps of it."""
        return {"streams": self.streams, "epoch_batches": self.epoch_batches, "batch_size": self.batch_size}

    def restored(self, state: Mapping[str, int]) -> StreamLayout:
        """The layout of a checkpoint."""
        return replace(self, **{name: int(state[name]) for name in self.state_dict()})
