"""The attention U-Net of Dance Diffusion (Zach Evans, 2022; sample-generator, stable-audio-tools).

Letters: B batch, C channels, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed
from narrows.models.blocks.activations import Snake
from narrows.models.blocks.fourier import FourierFeatures
from narrows.models.kernels import Kernel, attention

TIME_FEATURES = 16
CUBIC = (-0.01171875, -0.03515625, 0.11328125, 0.43359375, 0.43359375, 0.11328125, -0.03515625, -0.01171875)


class ResConvBlock(nn.Module):
    """Two convolutions around a skip connection.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T)`
    """

    # The attribute names and indices are part of the checkpoint format, here and below.
    def __init__(
        self, channels: tuple[int, int, int], kernel: int, bias: bool, snake: bool, is_last: bool = False
    ) -> None:
        super().__init__()
        wide_in, wide, wide_out = channels
        padding = kernel // 2
        self.main = nn.Sequential(
            nn.Conv1d(wide_in, wide, kernel, padding=padding, bias=bias),
            nn.GroupNorm(1, wide),
            Snake(wide) if snake else nn.GELU(),
            nn.Conv1d(wide, wide_out, kernel, padding=padding, bias=bias),
            nn.Identity() if is_last else nn.GroupNorm(1, wide_out),
            nn.Identity() if is_last else (Snake(wide_out) if snake else nn.GELU()),
        )
        self.skip = nn.Identity() if wide_in == wide_out else nn.Conv1d(wide_in, wide_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve."""
        out: Tensor = self.main(x) + self.skip(x)
        return out


class SelfAttention1d(nn.Module):
    """Attention over frames with heads of 32 channels, around a skip connection.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // 32
        if self.heads == 0 or channels % self.heads:
            raise ValueError(f"A level with attention must have at least 32 channels, got {channels}")
        self.norm = nn.GroupNorm(1, channels)
        self.qkv_proj = nn.Conv1d(channels, channels * 3, 1)
        self.out_proj = nn.Conv1d(channels, channels, 1)

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`."""
        return [attention(self.heads, self.norm.num_channels // self.heads)]

    def forward(self, x: Tensor) -> Tensor:
        """Attend."""
        batch, channels, frames = x.shape
        qkv = self.qkv_proj(self.norm(x)).reshape(batch, 3, self.heads, channels // self.heads, frames)
        q, k, v = qkv.transpose(3, 4).unbind(1)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(x.shape)
        out: Tensor = x + self.out_proj(mixed)
        return out


class CubicResampling(nn.Module):
    """Halve or double the rate with a fixed cubic filter.

    Shape:
        `(B, C, T)` → `(B, C, T / 2)` or `(B, C, 2 * T)`
    """

    kernel: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"kernel"})

    def __init__(self, up: bool) -> None:
        super().__init__()
        self.up = up
        self.register_buffer("kernel", torch.tensor(CUBIC) * (2 if up else 1))

    def forward(self, x: Tensor) -> Tensor:
        """Resample."""
        channels = x.shape[1]
        kernel = self.kernel.to(x.dtype).expand(channels, 1, -1)
        if self.up:
            x = F.pad(x, (2, 2), mode="reflect")
            return convolve_fixed(F.conv_transpose1d, x, kernel, stride=2, padding=7, groups=channels)
        x = F.pad(x, (3, 3), mode="reflect")
        return convolve_fixed(F.conv1d, x, kernel, stride=2, groups=channels)


class SkipBlock(nn.Module):
    """Layers whose input is joined to their output: `(B, C, T)` → `(B, 2 * C, T)`."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.main = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers and join."""
        return torch.cat((self.main(x), x), dim=1)


class DiffusionAttentionUNet1d(nn.Module):
    """Nested levels, each around the next lower rate.

    Args:
        io_channels: channels of the signal.
        depth: levels.
        n_attn_layers: innermost levels with attention, one more than that where any.
        channels: width of each level.
        cond_dim: channels of the condition that is joined to the input.
        cond_noise_aug: add noise of a random level to the condition, and tell the network the level.
        kernel_size: of the convolutions; odd.
        learned_resample: learned convolutions instead of cubic filters; needed for strides above 2.
        strides: downsampling between levels.
        conv_bias: bias of the convolutions.
        use_snake: Snake instead of GELU.

    Shape:
        `(B, io_channels, T)` and `(B,)` → `(B, io_channels, T)`; T a multiple of the product of the strides.
    """

    def __init__(
        self,
        io_channels: int = 2,
        depth: int = 14,
        n_attn_layers: int = 6,
        channels: Sequence[int] = (128, 128, 256, 256, *(512,) * 10),
        cond_dim: int = 0,
        cond_noise_aug: bool = False,
        kernel_size: int = 5,
        learned_resample: bool = False,
        strides: Sequence[int] = (2,) * 13,
        conv_bias: bool = True,
        use_snake: bool = False,
    ) -> None:
        super().__init__()
        if len(channels) < depth or len(strides) < depth - 1:
            raise ValueError(
                f"depth {depth} needs {depth} channels and {depth - 1} strides, got {len(channels)} and {len(strides)}"
            )
        self.cond_noise_aug = cond_noise_aug
        self.timestep_embed = FourierFeatures(TIME_FEATURES)
        style = (kernel_size, conv_bias, use_snake)
        inner: nn.Module = nn.Identity()
        for level in range(depth, 1, -1):
            attention = n_attn_layers > 0 and level >= depth - n_attn_layers
            width, above, stride = channels[level - 1], channels[level - 2], strides[level - 2]
            joined = width if level == depth else 2 * width
            inner = _level(inner, (above, width, joined), stride, learned_resample, attention, style)
        first = io_channels + cond_dim + TIME_FEATURES * (2 if cond_noise_aug else 1)
        width = channels[0]
        self.net = nn.Sequential(
            ResConvBlock((first, width, width), *style),
            ResConvBlock((width, width, width), *style),
            ResConvBlock((width, width, width), *style),
            inner,
            ResConvBlock((width if depth == 1 else 2 * width, width, width), *style),
            ResConvBlock((width, width, width), *style),
            ResConvBlock((width, width, io_channels), *style, is_last=True),
        )

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        cond: Tensor | None = None,
        cond_aug_scale: float | None = None,
        generator: Generator | None = None,
    ) -> Tensor:
        """Predict.

        Args:
            x: `(B, io_channels, T)`.
            t: `(B,)`.
            cond: `(B, cond_dim, any)`, stretched to T linearly.
            cond_aug_scale: level of the noise on the condition; None for a random one an item.
            generator: source of that noise and its level.
        """
        parts = [x, _planes(self.timestep_embed(t), x)]
        if cond is not None:
            if cond.shape[-1] != x.shape[-1]:
                cond = F.interpolate(cond, x.shape[-1], mode="linear", align_corners=False)
            if self.cond_noise_aug:
                level = torch.rand(len(cond), generator=generator, device=cond.device).to(cond.dtype)
                if cond_aug_scale is not None:
                    level = torch.full_like(level, cond_aug_scale)
                noise = torch.randn(cond.shape, generator=generator, device=cond.device, dtype=cond.dtype)
                cond = cond + noise * level[:, None, None]
                parts.append(_planes(self.timestep_embed(level), x))
            parts.append(cond)
        out: Tensor = self.net(torch.cat(parts, dim=1))
        return out


def _level(
    inner: nn.Module,
    widths: tuple[int, int, int],
    stride: int,
    learned: bool,
    attention: bool,
    style: tuple[int, bool, bool],
) -> SkipBlock:
    """A level: down, three convolutions, the level inside, three convolutions, up.

    Args:
        inner: the next level.
        widths: of the level above, of this level, and of what comes out of the next.
        stride: downsampling.
        learned: learned resampling.
        attention: attend behind each convolution.
        style: kernel, bias and activation of the convolutions.
    """
    above, width, joined = widths
    if stride > 2 and not learned:
        raise ValueError(f"A stride of {stride} needs learned_resample: the fixed filter only halves")

    def attend(channels: int) -> nn.Module:
        return SelfAttention1d(channels) if attention else nn.Identity()

    shapes = [(above, width, width), (width, width, width), (width, width, width)]
    down = [part for shape in shapes for part in (ResConvBlock(shape, *style), attend(width))]
    shapes = [(joined, width, width), (width, width, width), (width, width, above)]
    up = [part for shape in shapes for part in (ResConvBlock(shape, *style), attend(shape[2]))]
    if learned or stride == 1:
        return SkipBlock(_downsampling(above, stride), *down, inner, *up, _upsampling(above, stride))
    return SkipBlock(CubicResampling(up=False), *down, inner, *up, CubicResampling(up=True))


def _downsampling(channels: int, stride: int) -> nn.Module:
    return nn.Conv1d(channels, channels, 2 * stride + 1, stride=stride, padding=stride)


def _upsampling(channels: int, stride: int) -> nn.Module:
    if stride == 1:
        return nn.Conv1d(channels, channels, 3, padding=1)
    odd = stride % 2
    return nn.ConvTranspose1d(
        channels, channels, 2 * stride, stride=stride, padding=stride // 2 + odd, output_padding=odd
    )


def _planes(vector: Tensor, x: Tensor) -> Tensor:
    """The same vector at every frame."""
    return vector[:, :, None].expand(-1, -1, x.shape[-1])
