"""An LSTM over time with a skip connection (EnCodec, Défossez et al. 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.models.blocks.carried import carried
from narrows.models.receptive_field import ReceptiveField, chain, recurrent

State = tuple[Tensor, Tensor]
"""Hidden and cell state, each `(layers, B, C)`."""


class LSTMLayers(nn.RNNBase):
    """The parameters of `nn.LSTM`, names included, around the same function.

    `torch.compile` refuses `nn.LSTM` but not this. On a GPU, and in training, it unrolls the layers over time, so that
    compiling long signals takes long; leave models with an LSTM uncompiled there.

    Shape:
        `(T, B, C)` → `(T, B, C)`
    """

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__("LSTM", channels, channels, layers)

    def forward(self, x: Tensor) -> Tensor:
        """Run over time, from a state of zeros; in a piece of a clip, from that of the piece before."""
        run = carried(self)
        out: Tensor = self.advance(x, None)[0] if run is None else run(x)[0]
        return out

    def advance(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Continue from a state and return the new one; None is a state of zeros."""
        if torch.amp.is_autocast_available(x.device.type) and torch.is_autocast_enabled(x.device.type):
            # Without AVX-512, oneDNN refuses an input and a state that autocast has yet to convert.
            x = x.to(torch.get_autocast_dtype(x.device.type))
            state = None if state is None else (state[0].to(x), state[1].to(x))
        if state is None:
            start = x.new_zeros(self.num_layers, x.shape[1], self.hidden_size)
            state = (start, start)
        weights: list[Tensor] = [weight for layer in self.all_weights for weight in layer]
        # cuDNN keeps what a backward pass needs in training mode only, and gradients pass through teachers too.
        keep = self.training or torch.is_grad_enabled()
        out, hidden, cell = torch.lstm(x, state, weights, True, self.num_layers, 0.0, keep, False, False)
        return out, (hidden, cell)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return recurrent(self)


class SkipLSTM(nn.Module):
    """LSTM layers, whose output is added to their input.

    Args:
        channels: width.
        layers: number of layers.
        skip: whether it is added.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    # `lstm` is part of the checkpoint format.
    def __init__(self, channels: int, layers: int, skip: bool = True) -> None:
        super().__init__()
        self.lstm = LSTMLayers(channels, layers)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """Run over time."""
        x = x.permute(2, 0, 1)
        out: Tensor = self.lstm(x)
        return (out + x if self.skip else out).permute(1, 2, 0)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.lstm)
