"""The clips that validation measures and demos are made of: the same ones every time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import torch

from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.data_iterator import Batch


class ValidationData:
    """The first batches of a loader.

    Args:
        loader: of `narrows.data.create_dataloader_from_config`, not shuffled.
        count: how many batches.
    """

    def __init__(self, loader: Any, count: int) -> None:
        self.loader = loader
        self.count = count

    def batches(self) -> Iterable[Batch]:
        """The batches, from the first one on."""
        self.loader.load_state_dict({"epoch": 0, "batch": 0})
        return islice(self.loader, self.count)

    def first(self, count: int) -> Batch:
        """The first clips, for demos."""
        clips, metadata = [], []
        with preserved_rng():
            for audio, about in self.batches():
                clips.append(audio)
                metadata += about
                if len(metadata) >= count:
                    break
        return torch.cat(clips)[:count], metadata[:count]
