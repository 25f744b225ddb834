"""Exponential moving average of a model's weights."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from narrows.training.distributed.sharding import locals_of


class EMA:
    """A deep copy of a model whose weights follow the model's, slower.

    The decay rises as `1 - (1 + updates)^-0.75` up to its maximum, the schedule of the reference (ema-pytorch), so that
    the first updates copy and a short training has an average that means something. Buffers are copied: an average of
    codebook statistics would match neither the old codes nor the new ones.

    Args:
        model: the model to follow; never changed.
        decay: largest decay, `0 <= decay < 1`.
    """

    def __init__(self, model: nn.Module, decay: float = 0.9999) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Follow the model by one step; call it after the optimizer."""
        decay = min(self.decay, 1 - (1 + self.updates) ** -0.75)
        targets: list[Tensor]
        sources: list[Tensor]
        targets, sources = locals_of(self.model.parameters()), locals_of(model.parameters())
        if targets:
            torch._foreach_lerp_(targets, sources, 1 - decay)
        for target, source in zip(self.model.buffers(), model.buffers(), strict=True):
            target.copy_(source)
        self.updates += 1
