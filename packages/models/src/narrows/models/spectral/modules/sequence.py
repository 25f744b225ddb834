"""Sequence models over the frames of latents, `(B, C, T)`, real or complex."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from narrows.models.blocks.lstm import LSTMLayers, SkipLSTM
from narrows.models.receptive_field import ReceptiveField, chain, parallel
from narrows.models.spectral.layout import join_parts
from narrows.models.spectral.modules.transformer import Transformer

HEADS = 4
"""Heads of the transformer, where the channels can be split so."""


def sequence_model(
    name: Literal["lstm", "transformer"], channels: int, layers: int, *, causal: bool, skip: bool, is_complex: bool
) -> nn.Module:
    """A sequence model.

    Args:
        name: its type.
        channels: width.
        layers: number of layers.
        causal: see no later frame; an LSTM never does.
        skip: add the input to the output.
        is_complex: of complex values.
    """
    if name == "transformer":
        return SequenceTransformer(channels, layers, causal, skip, is_complex)
    return ComplexLSTM(channels, layers, skip) if is_complex else SkipLSTM(channels, layers, skip)


class ComplexLSTM(nn.Module):
    """An LSTM on complex values: one for each part of a complex product (DCCRN, Hu et al. 2020, section 2.2).

    With `R` and `I` for the two, the output for `x + iy` is `R(x) - I(y) + i (R(y) + I(x))`.

    Args:
        channels: width.
        layers: number of layers.
        skip: add the input to the output.

    Shape:
        complex `(B, C, T)` → `(B, C, T)`
    """

    def __init__(self, channels: int, layers: int, skip: bool = True) -> None:
        super().__init__()
        self.real = LSTMLayers(channels, layers)
        self.imaginary = LSTMLayers(channels, layers)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """Run over time."""
        frames = x.permute(2, 0, 1)
        both = torch.cat([frames.real, frames.imag], dim=1)
        real_of_x, real_of_y = self.real(both).chunk(2, dim=1)
        imaginary_of_x, imaginary_of_y = self.imaginary(both).chunk(2, dim=1)
        out = join_parts(real_of_x - imaginary_of_y, real_of_y + imaginary_of_x)
        return (out + frames if self.skip else out).permute(1, 2, 0)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return parallel(self.real, self.imaginary)


class SequenceTransformer(nn.Module):
    """A transformer over the frames, without positions: the convolutions around it know them.

    Args:
        channels: width.
        layers: blocks.
        causal: see no later frame.
        skip: add the input to the output.
        is_complex: of complex values.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    def __init__(self, channels: int, layers: int, causal: bool, skip: bool, is_complex: bool) -> None:
        super().__init__()
        heads = next(heads for heads in range(HEADS, 0, -1) if channels % heads == 0)
        self.transformer = Transformer(channels, layers, heads, 4 * channels, causal, is_complex=is_complex)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """Run over time."""
        out: Tensor = self.transformer(x.transpose(1, 2)).transpose(1, 2)
        return out + x if self.skip else out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.transformer)
