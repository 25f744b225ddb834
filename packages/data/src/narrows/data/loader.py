"""The loader: batches in a fixed order, resumable in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from narrows.data.drawing import GIVEN_CHANNELS, Batch, Collate, DrawnSamples, Info, collate
from narrows.data.faults import Faults
from narrows.data.plans import Plan
from narrows.data.transfer import packed, received, worker_count_is_meant


class Loader:
    """Batches `(audio, metadata)` of a data set with random access.

    Iterating gives the rest of the current epoch and then moves on to the next, or goes on without end where the plan
    has none. The batches depend on seed, epoch and place only: any number of workers gives the same ones, and
    `load_state_dict` goes on in the middle of an epoch.

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
        plan.check()
        # The torch loader must not refer to this object: a cycle would keep its workers alive until the garbage
        # collector runs, which may be in a forked worker of another loader.
        self._loader = _torch_loader(samples, plan, num_workers, multiprocessing_context, collate)

    @property
    def skipped(self) -> dict[str, str]:
        """Bad files found so far, with reasons."""
        return self._faults.skipped

    @property
    def batch_size(self) -> int:
        """Samples of a batch, at most."""
        return self._plan.batch_size

    @property
    def batches_per_update(self) -> int:
        """Batches of this process that add up to an update; 1 where that was not asked for."""
        return self._plan.batches_per_update

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(self._plan)

    def __iter__(self) -> Iterator[tuple[Tensor, list[Info]]]:
        for batch in received(self._loader):
            self._plan.advance()
            self.rejected += batch.rejected
            for fault in batch.faults:
                self._faults.add(fault)
            audio, infos = unpack(batch, self._faults)
            if batch.faults:
                self._faults.check()
            yield audio, infos
        self._plan.end()

    def state_dict(self) -> dict[str, int]:
        """Where the loader stands."""
        return self._plan.state_dict()

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there; takes effect when the next iteration begins."""
        self._plan.load_state_dict(state)


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
