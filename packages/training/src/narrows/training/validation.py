"""Validation: metrics of the model on clips it does not learn from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.data_iterator import Batch


class Validation:
    """Measures a model on the first batches of a loader, the same ones every time.

    Args:
        loader: of `narrows.data.create_dataloader_from_config`, not shuffled.
        batches: how many.
        seed: of the noise of bottlenecks.
    """

    def __init__(self, loader: Any, batches: int, seed: int = 0) -> None:
        self.loader = loader
        self.batches = batches
        self.seed = seed

    def run(self, training: Any) -> dict[str, float]:
        """Means over all clips, on all processes.

        Args:
            training: what reconstructs and measures, e.g. `AutoencoderTraining`.
        """
        with preserved_rng(self.seed):
            figures: dict[str, float] = training.measure(self._clips())
        return figures

    def first_clips(self, count: int) -> Tensor:
        """Clips for demos: `(B, C, T)`."""
        clips: list[Tensor] = []
        with preserved_rng():
            for audio, _ in self._clips():
                clips.append(audio)
                if sum(map(len, clips)) >= count:
                    break
        return torch.cat(clips)[:count]

    def _clips(self) -> Iterable[Batch]:
        self.loader.load_state_dict({"epoch": 0, "batch": 0})
        return islice(self.loader, self.batches)
