"""The loader: batches in a fixed order, resumable in the middle of an epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from narrows.data.drawing import Batch, DrawnSamples, Info, Key, collate
from narrows.data.errors import DataError
from narrows.data.faults import Faults
from narrows.data.order import Order, batches


class Loader:
    """Batches `(audio, metadata)` of a data set with random access.

    Iterating gives the rest of the current epoch and then moves on to the next. The batches depend on seed, epoch and
    place only: any number of workers gives the same ones, and `load_state_dict` goes on in the middle of an epoch.

    Attributes:
        epoch: epoch that iterating goes on with.
        batch: batches of it that were handed out.
        rejected: samples that were fine but not wanted (e.g. silent), and replaced.
    """

    def __init__(
        self,
        samples: DrawnSamples,
        order: Order,
        faults: Faults,
        batch_size: int,
        *,
        drop_last: bool,
        num_workers: int = 0,
        rank: int = 0,
        world_size: int = 1,
        multiprocessing_context: str | None = None,
    ) -> None:
        self.epoch = 0
        self.batch = 0
        self.rejected = 0
        self.batch_size = batch_size
        self._order, self._faults = order, faults
        self._drop_last, self._rank, self._world_size = drop_last, rank, world_size
        if not len(self):
            raise DataError(
                f"{len(order)} samples an epoch do not make one batch of {batch_size} for {world_size} processes; "
                f"lower batch_size, set drop_last to false, or set samples_per_epoch"
            )
        self._loader = _torch_loader(samples, _Plan(self), num_workers, multiprocessing_context)

    @property
    def skipped(self) -> dict[str, str]:
        """Bad files found so far, with reasons."""
        return self._faults.skipped

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(batches(range(len(self._order)), self.batch_size, self._rank, self._world_size, self._drop_last))

    def __iter__(self) -> Iterator[tuple[Tensor, list[Info]]]:
        with _worker_count_is_meant():
            received = iter(self._loader)
        for batch in received:
            self.batch += 1
            yield self._unpack(batch)
        self.epoch, self.batch = self.epoch + 1, 0

    def state_dict(self) -> dict[str, int]:
        """Where the loader stands."""
        return {"epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there; takes effect when the next iteration begins."""
        self.epoch, self.batch = int(state["epoch"]), int(state["batch"])

    def keys(self) -> Iterator[list[Key]]:
        """What the rest of the current epoch consists of, batch by batch."""
        items = self._order.epoch(self.epoch)
        places = batches(items, self.batch_size, self._rank, self._world_size, self._drop_last)
        for batch in places[self.batch :]:
            yield [Key(self.epoch, place, int(items[place])) for place in batch]

    def _unpack(self, batch: Batch) -> tuple[Tensor, list[Info]]:
        self.rejected += batch.rejected
        for fault in batch.faults:
            self._faults.add(fault)
        for number, info in enumerate(batch.infos):
            self._faults.tried(info.get("path", number))
            if batch.masks is not None:
                info["padding_mask"] = batch.masks[number]
        if batch.faults:
            self._faults.check()
        return batch.audio, batch.infos


class _Plan:
    """What torch's loader asks for the keys of each batch, anew for every iteration."""

    def __init__(self, loader: Loader) -> None:
        self._owner = loader

    def __iter__(self) -> Iterator[list[Key]]:
        return self._owner.keys()

    def __len__(self) -> int:
        return len(self._owner)


def _torch_loader(samples: DrawnSamples, plan: _Plan, num_workers: int, context: str | None) -> DataLoader[Any]:
    with _worker_count_is_meant():
        return DataLoader(
            samples,
            batch_sampler=plan,  # type: ignore[arg-type]
            collate_fn=collate,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=torch.cuda.is_available(),
            multiprocessing_context=context if num_workers else None,
            # Its own: torch's loader would otherwise draw from the global one, which training depends on.
            generator=torch.Generator(),
        )


@contextmanager
def _worker_count_is_meant() -> Iterator[None]:
    """How many workers there are is the user's choice, and more than cores are right for slow disks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        yield
