"""From a place in an epoch to a sample: the part that runs in the worker processes.

A sample depends on seed, epoch, place and item only. When an item is bad or rejected, another is drawn from the same
seed, so the replacement is the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from narrows.audio.cropping import pad_to
from narrows.data.errors import AudioFileError, DataError
from narrows.data.faults import Fault, Rejected, fault_of
from narrows.data.order import generator
from narrows.data.transfer import told

MAX_DRAWS = 100
"""Draws for one sample; so many bad or rejected ones in a row mean that nothing good is there."""

Info = dict[str, Any]
GIVEN_CHANNELS = "__given_channels__"
"""Key under which a worker tells the main process how many channels a file has, where some are left out."""


class Source(Protocol):
    """A data set with random access."""

    def __len__(self) -> int: ...

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """Audio or latents `(C, T)` with metadata; all randomness from `rng`.

        Raises:
            AudioFileError: the item is bad.
            Rejected: it is fine but not wanted.
        """
        ...


class Key(NamedTuple):
    """A place in an epoch and the item that stands there."""

    epoch: int
    place: int
    item: int


class Draw(NamedTuple):
    """A sample and what was skipped to get it."""

    audio: Tensor
    info: Info
    faults: list[Fault]
    rejected: int


Replacement = Callable[[int, int, np.random.Generator], int]
"""From the item that was to come and the number of the attempt to another item."""


class DrawnSamples(Dataset[Draw]):
    """A source seen as a torch data set whose keys are places in epochs.

    Args:
        source: the data set.
        seed: of everything that is drawn.
        instead: chooses what comes in place of a bad or rejected item; None takes any.
    """

    def __init__(self, source: Source, seed: int, instead: Replacement | None = None) -> None:
        self.source = source
        self.seed = seed
        self._instead = instead or self._any_item

    def __getitem__(self, key: Key) -> Draw:
        faults: list[Fault] = []
        reasons: list[str] = []
        for attempt in range(MAX_DRAWS):
            rng = generator(self.seed, "sample", key.epoch, key.place, attempt)
            item = key.item if attempt == 0 else self._instead(key.item, attempt, rng)
            try:
                with told():
                    audio, info = self.source.load(item, rng)
            except AudioFileError as error:
                faults.append(fault_of(error))
            except Rejected as rejection:
                reasons.append(str(rejection))
            else:
                return Draw(audio, info, faults, len(reasons))
        raise DataError(
            f"{MAX_DRAWS} samples drawn in a row were skipped ({len(faults)} bad, {len(reasons)} rejected); the last: "
            + "; ".join([*(f"{f.path}: {f.reason}" for f in faults[-3:]), *reasons[-3:]])
        )

    def _any_item(self, item: int, attempt: int, rng: np.random.Generator) -> int:
        return int(rng.integers(len(self.source)))


class Batch(NamedTuple):
    """What a worker sends: few tensors, since each costs a file descriptor on its way."""

    audio: Tensor
    masks: Tensor | None
    infos: list[Info]
    faults: list[Fault]
    rejected: int


def collate(draws: Sequence[Draw], multiple: int = 1, limit: int | None = None) -> Batch:
    """Stack samples; shorter ones are padded with zeros, their masks with False.

    Args:
        draws: samples `(C, T)`.
        multiple: the length of the batch is that of the longest, rounded up to a multiple of this.
        limit: but not beyond this.
    """
    longest = -(-max(draw.audio.shape[-1] for draw in draws) // multiple) * multiple
    longest = min(longest, limit) if limit else longest
    infos = [dict(draw.info) for draw in draws]
    masks = [info.pop("padding_mask", None) for info in infos]
    return Batch(
        torch.stack([pad_to(draw.audio, longest) for draw in draws]),
        torch.stack([pad_to(mask, longest) for mask in masks]) if masks[0] is not None else None,
        infos,
        [fault for draw in draws for fault in draw.faults],
        sum(draw.rejected for draw in draws),
    )


Collate = Callable[[Sequence[Draw]], Batch]


def collator(multiple: int, limit: int) -> Collate:
    """`collate` for batches of varying length."""
    return partial(collate, multiple=multiple, limit=limit)
