"""Blocks of SNAC that the Descript Audio Codec does not have (Siuzdak et al. 2024, arXiv 2410.14411; snac 1.2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.activations import Snake
from narrows.models.blocks.carried import carried, carrying
from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d, weight_norm_conv1d
from narrows.models.blocks.dac import residual_units
from narrows.models.blocks.draws import gaussian
from narrows.models.kernels import Kernel, attention
from narrows.models.receptive_field import Chain, ReceptiveField, chain, frames, pointwise, unframes

HEAD = 64
"""Width of a head of attention."""


class EncoderBlock(nn.Module):
    """Residual units, then a strided convolution that doubles the width.

    Shape:
        `(B, C / 2, T)` → `(B, C, T / stride)`
    """

    structure = Chain("block")

    # `block` and the index of each layer are part of the checkpoint format, here and below.
    def __init__(self, channels: int, stride: int, depthwise: bool) -> None:
        super().__init__()
        narrow = channels // 2
        units = residual_units(narrow, narrow if depthwise else 1)
        self.block = nn.Sequential(*units, Snake(narrow), downsampling_conv1d(narrow, channels, stride, exact=True))

    def forward(self, x: Tensor) -> Tensor:
        """Downsample."""
        out: Tensor = self.block(x)
        return out


class DecoderBlock(nn.Module):
    """An upsampling convolution, noise, then residual units.

    Shape:
        `(B, C_in, L)` → `(B, C_out, L * stride)`
    """

    structure = Chain("block")

    def __init__(self, in_channels: int, out_channels: int, stride: int, depthwise: bool, noise: bool) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(in_channels),
            upsampling_conv1d(in_channels, out_channels, stride, exact=True),
            *([NoiseBlock(out_channels)] if noise else []),
            *residual_units(out_channels, out_channels if depthwise else 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Upsample."""
        out: Tensor = self.block(x)
        return out


class NoiseBlock(nn.Module):
    """Adds one noise for all channels, as loud in each as a projection of them says.

    It does so in training and within `noisy`; otherwise it adds the mean of that noise, nothing.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = weight_norm_conv1d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Add noise."""
        run = carried(self)
        if run is not None:
            out: Tensor = run(x)
            return out
        return self.with_noise(x) if self.training else x

    def with_noise(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """Add noise of a generator; None for torch's global state."""
        noise = gaussian(x[:, :1], generator)
        out: Tensor = x + noise * self.linear(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


@contextmanager
def noisy(network: nn.Module, generator: Generator) -> Iterator[None]:
    """While this thread runs a network, its noise blocks draw from a generator."""
    with ExitStack() as stack:
        for block in network.modules():
            if isinstance(block, NoiseBlock):
                stack.enter_context(carrying(block, partial(block.with_noise, generator=generator)))
        yield


class WindowAttention(nn.Module):
    """Attention within windows that know nothing of each other, around a skip connection.

    Args:
        dim: width, a multiple of 64.
        window: frames of a window.

    Shape:
        `(B, dim, L)` → `(B, dim, L)`; L a multiple of `window`
    """

    def __init__(self, dim: int, window: int) -> None:
        super().__init__()
        if dim % HEAD:
            raise ValueError(f"Attention needs a width that is a multiple of {HEAD}, got {dim}")
        self.window = window
        self.norm = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.to_out = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Attend."""
        batch, dim, length = x.shape
        if length % self.window:
            raise ValueError(f"{length} frames are no whole windows of {self.window}: pad the input")
        parts = self.to_qkv(self.norm(x.transpose(1, 2)))
        heads = parts.reshape(batch, length // self.window, self.window, 3, dim // HEAD, HEAD)
        q, k, v = heads.permute(3, 0, 1, 4, 2, 5)
        cos, sin = _turns(self.window, x)
        out = F.scaled_dot_product_attention(_turned(q, cos, sin), _turned(k, cos, sin), v)
        joined = out.transpose(2, 3).reshape(batch, length, dim)
        added: Tensor = self.to_out(joined).transpose(1, 2) + x
        return added

    def kernels(self) -> list[Kernel]:
        """See `HasKernels`."""
        return [attention(self.to_out.in_features // HEAD, HEAD)]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(frames(self.window), unframes(self.window))


def inverse_frequencies() -> Tensor:
    """Angle per frame of each pair of features of a head, `(32,)`."""
    return 1.0 / (10000 ** (torch.arange(0, HEAD, 2).float() / HEAD))


def _turns(window: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the positions in a window, `(window, 64)`."""
    angles = torch.outer(torch.arange(window).float(), inverse_frequencies())
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().to(x), angles.sin().to(x)


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def check_fold(fold: int, window: int | None) -> None:
    """Raise a ValueError unless a latent frame is made of whole windows."""
    if window is not None and fold % window:
        raise ValueError(f"fold must be a multiple of attn_window_size {window}, got {fold}")
