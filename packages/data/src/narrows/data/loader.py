"""The loader: batches in a fixed order, resumable in the middle of an epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from narrows.data.drawing import GIVEN_CHANNELS, Batch, Collate, DrawnSamples, Info, Key, collate
from narrows.data.errors import DataError
from narrows.data.faults import Faults
from narrows.data.order import Items, Order, Share, by_bucket
from narrows.data.permuted_order import PermutedOrder
from narrows.data.transfer import packed, received


@dataclass
class Plan:
    """The batches of one process, and how far it is; torch's loader asks it anew for every iteration."""

    order: Order | PermutedOrder
    share: Share
    buckets: Items | None = None
    """Bucket of each item, where batches are to hold items of similar length."""
    epoch: int = 0
    batch: int = 0
    """Batches of the epoch that were handed out."""

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


class Loader:
    """Batches `(audio, metadata)` of a data set with random access.

    Iterating gives the rest of the current epoch and then moves on to the next. The batches depend on seed, epoch and
    place only: any number of workers gives the same ones, and `load_state_dict` goes on in the middle of an epoch.

    Args:
        samples: what the workers read.
        plan: which of them, in which order.
        faults: where bad files are counted.
        num_workers: processes that read; 0 reads in this one.
        multiprocessing_context: how they start; None takes the system's way.
        collate: makes a batch of samples.

    Attributes:
        rejected: samples that were fine but not wanted (e.g. silent), and replaced.
    """

    def __init__(
        self,
        samples: DrawnSamples,
        plan: Plan,
        faults: Faults,
        num_workers: int = 0,
        multiprocessing_context: str | None = None,
        collate: Collate = collate,
    ) -> None:
        self.rejected = 0
        self._plan, self._faults = plan, faults
        if not len(plan):
            raise DataError(
                f"{len(plan.order)} samples an epoch do not make one batch of {plan.share.batch_size} for each of "
                f"{plan.share.world_size} processes; lower batch_size, set drop_last to false, or set samples_per_epoch"
            )
        # The torch loader must not refer to this object: a cycle would keep its workers alive until the garbage
        # collector runs, which may be in a forked worker of another loader.
        self._loader = _torch_loader(samples, plan, num_workers, multiprocessing_context, collate)

    @property
    def skipped(self) -> dict[str, str]:
        """Bad files found so far, with reasons."""
        return self._faults.skipped

    @property
    def batch_size(self) -> int:
        """Samples of a batch."""
        return self._plan.share.batch_size

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(self._plan)

    def __iter__(self) -> Iterator[tuple[Tensor, list[Info]]]:
        with worker_count_is_meant():
            batches = iter(self._loader)
        for batch in received(batches):
            self._plan.batch += 1
            self.rejected += batch.rejected
            for fault in batch.faults:
                self._faults.add(fault)
            audio, infos = unpack(batch, self._faults)
            if batch.faults:
                self._faults.check()
            yield audio, infos
        self._plan.epoch, self._plan.batch = self._plan.epoch + 1, 0

    def state_dict(self) -> dict[str, int]:
        """Where the loader stands."""
        return {"epoch": self._plan.epoch, "batch": self._plan.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there; takes effect when the next iteration begins."""
        self._plan.epoch, self._plan.batch = int(state["epoch"]), int(state["batch"])


def unpack(batch: Batch, faults: Faults) -> tuple[Tensor, list[Info]]:
    """A batch as it is handed out; each sample gets its own mask back."""
    for number, info in enumerate(batch.infos):
        faults.tried(hash(info.get("path", number)))
        if GIVEN_CHANNELS in info:
            faults.narrowed(str(info.get("path", "")), info.pop(GIVEN_CHANNELS), batch.audio.shape[1])
        if batch.masks is not None:
            info["padding_mask"] = batch.masks[number]
    return batch.audio, batch.infos


def _collated(collate: Collate, draws: Sequence[Any]) -> Any:
    """A batch, ready to be sent where a worker made it."""
    return packed(collate(draws))


def _torch_loader(
    samples: DrawnSamples, plan: Any, num_workers: int, context: str | None, collate: Collate
) -> DataLoader[Any]:
    with worker_count_is_meant():
        return DataLoader(
            samples,
            batch_sampler=plan,
            collate_fn=partial(_collated, collate),
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=torch.cuda.is_available(),
            multiprocessing_context=context if num_workers else None,
            # Its own: torch's loader would otherwise draw from the global one, which training depends on.
            generator=torch.Generator(),
        )


@contextmanager
def worker_count_is_meant() -> Iterator[None]:
    """How many workers there are is the user's choice, and more than cores are right for slow disks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        yield
