"""How the samples of one update are spread over any number of processes, and over batches that add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from narrows.data.errors import DataError


@dataclass(frozen=True)
class Spread:
    """The samples of an update are cut into `count` stretches of equal size or one apart, each dealt out in turn.

    So each process has a sample of each stretch, and all have as many batches, which some exchanges between processes
    need; of two shares one may have a sample more. Which samples an update has does not depend on the processes.

    Args:
        size: samples of an update, over all processes.
        batch_size: samples that a process takes at most at once.
        rank: of this process.
        world_size: how many there are.

    Raises:
        DataError: so many processes cannot share so many samples; it says which numbers can.
    """

    size: int
    batch_size: int
    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        if not _fits(self.size, self.batch_size, self.world_size):
            fitting = [n for n in range(1, self.size + 1) if _fits(self.size, self.batch_size, n)]
            numbers = ", ".join(map(str, fitting[:12])) + (", ..." if len(fitting) > 12 else "")
            share = _up(self.size, self.world_size)
            other = f"batch_size={share}, or " if self.batch_size < share <= self.size // self.world_size + 1 else ""
            other = other if self.world_size <= self.size else ""
            raise DataError(
                f"{self.world_size} processes cannot share {self.size} samples an update at batch_size "
                f"{self.batch_size}: each needs a sample of each batch. Write {other}start {numbers} processes"
            )

    @cached_property
    def count(self) -> int:
        """Batches of a process that add up to an update."""
        return _batches(self.size, self.batch_size, self.world_size)

    @property
    def is_even(self) -> bool:
        """Whether all batches have the same number of samples."""
        return self.size % (self.count * self.world_size) == 0

    def begin(self, batch: int) -> int:
        """Samples of an update before one of its batches; all of them for `count`."""
        return batch * self.size // self.count

    def samples(self, start: int, batch: int) -> range:
        """Global numbers of this process's samples.

        Args:
            start: number of the first sample that was ever taken.
            batch: counted from there.
        """
        update, part = divmod(batch, self.count)
        first = start + update * self.size
        return range(first + self.begin(part) + self.rank, first + self.begin(part + 1), self.world_size)

    def before(self, batch: int) -> int:
        """Samples of all processes in so many batches."""
        update, part = divmod(batch, self.count)
        return update * self.size + self.begin(part)

    def sizes(self) -> Iterator[int]:
        """Samples of this process in each batch of an update."""
        return (len(self.samples(0, batch)) for batch in range(self.count))


def _batches(size: int, batch_size: int, world_size: int) -> int:
    """The fewest batches of which none exceeds `batch_size` in any process."""
    count = _up(size, batch_size * world_size)
    while _up(_up(size, count), world_size) > batch_size:
        count += 1
    return count


def _up(number: int, by: int) -> int:
    return -(-number // by)


def _fits(size: int, batch_size: int, world_size: int) -> bool:
    return size // _batches(size, batch_size, world_size) >= world_size
