"""What a loader takes in which order, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol

import numpy as np

from narrows.data.drawing import Key
from narrows.data.errors import DataError
from narrows.data.order import Items, Order, Share, by_bucket
from narrows.data.permuted_order import PermutedEpoch, PermutedOrder
from narrows.data.spread import Spread

if TYPE_CHECKING:
    from narrows.data.datasets import LoaderOptions


class Plan(Protocol):
    """The batches of one process; torch's loader asks it anew for every iteration."""

    @property
    def batch_size(self) -> int:
        """Samples of a batch, at most."""
        ...

    @property
    def batches_per_update(self) -> int:
        """Batches of a process that add up to an update."""
        ...

    def check(self) -> None:
        """Refuse data of which no batch can be made.

        Raises:
            DataError: it says what to change.
        """
        ...

    def __iter__(self) -> Iterator[list[Key]]:
        """The batches from here on."""
        ...

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        ...

    def advance(self) -> None:
        """A batch was handed out."""
        ...

    def end(self) -> None:
        """There is no batch left to iterate over."""
        ...

    def state_dict(self) -> dict[str, int]:
        """How far it is."""
        ...

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there."""
        ...


@dataclass
class EpochPlan:
    """Epoch after epoch, each with as many batches as it has; the order is that of a number of processes."""

    order: Order | PermutedOrder
    share: Share
    buckets: Items | None = None
    """Bucket of each item, where batches are to hold items of similar length."""
    epoch: int = 0
    batch: int = 0
    """Batches of the epoch that were handed out."""
    batches_per_update: int = 1

    @property
    def batch_size(self) -> int:
        """Samples of a batch, at most."""
        return self.share.batch_size

    def check(self) -> None:
        """Refuse data of which no batch can be made."""
        if not len(self):
            raise DataError(
                f"{len(self.order)} samples an epoch do not make one batch of {self.share.batch_size} for each of "
                f"{self.share.world_size} processes; lower batch_size, set drop_last to false, or set samples_per_epoch"
            )

    def __iter__(self) -> Iterator[list[Key]]:
        items = self.order.epoch(self.epoch)
        rearranged = None
        if self.buckets is not None:
            rearranged = by_bucket(items[np.arange(len(items))], self.buckets, self.share.stretch)
        for number in range(self.batch, len(self)):
            places = np.array(self.share.places(number, len(items)), np.int64)
            batch = places if rearranged is None else rearranged[places]
            yield [Key(self.epoch, *pair) for pair in zip(batch.tolist(), items[batch].tolist(), strict=True)]

    def __len__(self) -> int:
        return self.share.count(len(self.order))

    def advance(self) -> None:
        """A batch was handed out."""
        self.batch += 1

    def end(self) -> None:
        """The epoch is over."""
        self.epoch, self.batch = self.epoch + 1, 0

    def state_dict(self) -> dict[str, int]:
        """Epoch and batch."""
        return {"epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there."""
        self.epoch, self.batch = int(state["epoch"]), int(state["batch"])


@dataclass
class UpdatePlan:
    """Update after update without end, in an order that does not depend on how many processes there are.

    The place of a sample in the order follows from its global number, which counts the samples of all processes from
    the first epoch on; the position is such a number. Of an epoch, `drop_last` leaves out what makes no whole update,
    unless that is all of it; otherwise an update goes on with the next epoch.
    """

    order: Order | PermutedOrder
    spread: Spread
    drop_last: bool
    buckets: Items | None = None
    """Bucket of each item, where updates are to hold items of similar length."""
    start: int = 0
    """Global number of the first sample since the position was last set."""
    batch: int = 0
    """Batches handed out since."""

    def __post_init__(self) -> None:
        self._epochs: dict[int, tuple[Items | PermutedEpoch, Items | None]] = {}

    @property
    def batch_size(self) -> int:
        """Samples of a batch, at most."""
        return self.spread.batch_size

    @property
    def batches_per_update(self) -> int:
        """Batches of a process that add up to an update."""
        return self.spread.count

    @property
    def length(self) -> int:
        """Samples of an epoch that are used."""
        total = len(self.order)
        return (total - total % self.spread.size if self.drop_last else 0) or total

    def check(self) -> None:
        """Refuse an epoch that is smaller than a batch, where incomplete ones are not wanted."""
        total, wanted = len(self.order), self.batch_size if self.drop_last else 1
        if total < wanted:
            raise DataError(
                f"{total} samples an epoch do not make one batch of {wanted}; lower batch_size, set drop_last to "
                "false, or set samples_per_epoch"
            )

    def __iter__(self) -> Iterator[list[Key]]:
        for batch in count(self.batch):
            yield self._keys(np.array(self.spread.samples(self.start, batch), np.int64))

    def __len__(self) -> int:
        return max(1, self.length // self.spread.size) * self.spread.count

    def advance(self) -> None:
        """A batch was handed out."""
        self.batch += 1

    def end(self) -> None:
        """It has no end."""

    def state_dict(self) -> dict[str, int]:
        """The number of the next sample."""
        return {"sample": self.start + self.spread.before(self.batch)}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there.

        Args:
            state: of `state_dict`; or of an `EpochPlan`, with its `stretch`, as earlier releases wrote it.
        """
        if "sample" in state:
            self.start = int(state["sample"])
        else:
            stretch = int(state.get("stretch", self.spread.size))
            self.start = int(state["epoch"]) * self.length + min(int(state["batch"]) * stretch, self.length)
        self.batch = 0

    def _keys(self, numbers: Items) -> list[Key]:
        keys: list[Key] = []
        epochs = numbers // self.length
        for epoch in np.unique(epochs).tolist():
            items, rearranged = self._epoch(epoch)
            places = numbers[epochs == epoch] - epoch * self.length
            places = places if rearranged is None else rearranged[places]
            keys += [Key(epoch, *pair) for pair in zip(places.tolist(), items[places].tolist(), strict=True)]
        return keys

    def _epoch(self, epoch: int) -> tuple[Items | PermutedEpoch, Items | None]:
        if epoch not in self._epochs:
            items = self.order.epoch(epoch)
            rearranged = None
            if self.buckets is not None:
                rearranged = by_bucket(items[np.arange(len(items))], self.buckets, self.spread.size)
            # A batch at the border of two epochs needs both.
            self._epochs = {key: value for key, value in self._epochs.items() if key == epoch - 1}
            self._epochs[epoch] = items, rearranged
        return self._epochs[epoch]


def plan_of(
    order: Order | PermutedOrder, options: LoaderOptions, drop_last: bool, buckets: Items | None = None
) -> Plan:
    """The plan that a data set's loader is asked for.

    Args:
        order: of its items.
        options: with the processes, and the samples of an update where it is to be independent of these.
        drop_last: leave out the incomplete end of an epoch.
        buckets: of each item; None mixes all lengths.
    """
    if options.update_size is None:
        share = Share(options.batch_size, drop_last, options.rank, options.world_size)
        return EpochPlan(order, share, buckets)
    spread = Spread(options.update_size, options.batch_size, options.rank, options.world_size)
    return UpdatePlan(order, spread, drop_last, buckets)
