"""An LSTM over time with a skip connection (EnCodec, Défossez et al. 2022)."""

from __future__ import annotations

from itertools import chain

import torch
from torch import Tensor, nn


class SkipLSTM(nn.Module):
    """LSTM layers, whose output is added to their input.

    `torch.compile` keeps this in one graph. On a GPU, and in training, it does so by unrolling the layers over time,
    so that compiling long signals takes long; leave models with an LSTM uncompiled there.

    Args:
        channels: width.
        layers: number of layers.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    # `lstm` is part of the checkpoint format.
    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, channels, layers)

    def forward(self, x: Tensor) -> Tensor:
        """Run over time."""
        x = x.permute(2, 0, 1)
        out = self._compiled(x) if torch.compiler.is_compiling() else self.lstm(x)[0]
        return (out + x).permute(1, 2, 0)

    def _compiled(self, x: Tensor) -> Tensor:
        """The same through the function below `nn.LSTM`, which `torch.compile` refuses as a module."""
        start = x.new_zeros(self.lstm.num_layers, x.shape[1], x.shape[2])
        weights: list[Tensor] = list(chain.from_iterable(self.lstm.all_weights))
        out: Tensor = torch.lstm(
            x, (start, start), weights, True, self.lstm.num_layers, 0.0, self.training, False, False
        )[0]
        return out
