"""Averages of the weights from which those of any length are made after the training (Karras et al. 2024)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import PostHocEMAConfig
from narrows.models.checkpoints.names import to_file
from narrows.pipelines.averages.profiles import Profile, decay
from narrows.pipelines.averages.snapshots import write_snapshot
from narrows.training.distributed.sharding import like, local, whole

Tensors = dict[str, Tensor]


class PostHocAverages:
    """Follows trained weights by averages of several lengths, in float32.

    Args:
        model: the model to follow; never changed.
        averaged: names of the submodules to average.
        config: lengths of the averages, and steps between snapshots.
    """

    def __init__(self, model: nn.Module, averaged: Sequence[str], config: PostHocEMAConfig) -> None:
        self._model, self._starts = model, tuple(f"{name}." for name in averaged)
        self.every = config.every
        self.updates = 0
        self._averages: dict[float, Tensors] = {
            length: {name: value.detach().float().clone() for name, value in self._followed().items()}
            for length in config.lengths
        }

    @property
    def size(self) -> int:
        """Bytes of the averages in this process."""
        return sum(local(value).nbytes for average in self._averages.values() for value in average.values())

    @torch.no_grad()
    def update(self) -> None:
        """Follow the model by one step; the first copies."""
        self.updates += 1
        followed = self._followed()
        for length, average in self._averages.items():
            targets = [local(value) for value in average.values()]
            sources = [local(followed[name]).to(torch.float32) for name in average]
            torch._foreach_lerp_(targets, sources, 1 - decay(self.updates, length))

    def write(self, run: Path, first: bool) -> None:
        """Write snapshots into a run's folder; all processes call it, and the first one writes."""
        for length, weights in self.whole().items():
            if first:
                write_snapshot(run, Profile(self.updates, length), to_file(weights))

    def whole(self) -> dict[float, Tensors]:
        """The averages in whole tensors, by length; all processes call it."""
        found: dict[float, Tensors] = whole(self._averages)
        return found

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint; all processes call it."""
        return {"updates": self.updates, "averages": {str(length): value for length, value in self.whole().items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state of `state_dict`."""
        self.updates = state["updates"]
        for length, average in self._averages.items():
            for name, value in average.items():
                local(value).copy_(local(like(state["averages"][str(length)][name], value)))

    def _followed(self) -> dict[str, nn.Parameter]:
        """Trained parameters of what is averaged, by name."""
        return {
            name: parameter
            for name, parameter in self._model.named_parameters()
            if name.startswith(self._starts) and parameter.requires_grad
        }
