"""Residual convolutions that the time and features modulate, and patches."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.diffusion.networks.unet1d.convolutions import PaddedConv1d


class ConvBlock(nn.Module):
    """Group norm, scale and shift, SiLU, convolution.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T)`
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, in_channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        self.groupnorm = nn.GroupNorm(groups, in_channels)
        self.project = PaddedConv1d(in_channels, out_channels, 3)

    def forward(self, x: Tensor, scale_shift: Tensor | None, causal: bool) -> Tensor:
        """Convolve; `scale_shift` is `(B, 2 * C_in)`."""
        x = self.groupnorm(x)
        if scale_shift is not None:
            scale, shift = scale_shift[:, :, None].chunk(2, dim=1)
            x = x * (scale + 1) + shift
        out: Tensor = self.project(F.silu(x), causal=causal)
        return out


class _ScaleShift(nn.Module):
    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.to_scale_shift = nn.Sequential(nn.SiLU(), nn.Linear(features, channels * 2))

    def forward(self, mapping: Tensor) -> Tensor:
        out: Tensor = self.to_scale_shift(mapping)
        return out


class ResnetBlock(nn.Module):
    """Two convolutions around a skip connection.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        groups: groups of the norms.
        mapping_features: width of the mapping; None where nothing modulates the block.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T)`
    """

    def __init__(self, in_channels: int, out_channels: int, groups: int, mapping_features: int | None) -> None:
        super().__init__()
        self.block1 = ConvBlock(in_channels, out_channels, groups)
        self.to_scale_shift = None if mapping_features is None else _ScaleShift(mapping_features, out_channels)
        self.block2 = ConvBlock(out_channels, out_channels, groups)
        self.to_out = nn.Identity() if in_channels == out_channels else PaddedConv1d(in_channels, out_channels, 1)

    def forward(self, x: Tensor, mapping: Tensor | None, causal: bool) -> Tensor:
        """Convolve; `mapping` is `(B, M)`."""
        scale_shift = None
        if self.to_scale_shift is not None and mapping is not None:
            scale_shift = self.to_scale_shift(mapping)
        out: Tensor = self.block2(self.block1(x, None, causal), scale_shift, causal) + self.to_out(x)
        return out


class Patcher(nn.Module):
    """A residual block, and patches of frames as channels.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T / patch_size)`
    """

    def __init__(self, in_channels: int, out_channels: int, patch_size: int, mapping_features: int | None) -> None:
        super().__init__()
        self.patch_size = _divides(patch_size, out_channels)
        self.block = ResnetBlock(in_channels, out_channels // patch_size, 1, mapping_features)

    def forward(self, x: Tensor, mapping: Tensor | None, causal: bool) -> Tensor:
        """Convolve and fold."""
        x = self.block(x, mapping, causal)
        batch, channels, frames = x.shape
        patches = x.reshape(batch, channels, frames // self.patch_size, self.patch_size)
        return patches.transpose(2, 3).flatten(1, 2)


class Unpatcher(nn.Module):
    """Undo `Patcher`: `(B, C_in, T)` → `(B, C_out, T * patch_size)`."""

    def __init__(self, in_channels: int, out_channels: int, patch_size: int, mapping_features: int | None) -> None:
        super().__init__()
        self.patch_size = _divides(patch_size, in_channels)
        self.block = ResnetBlock(in_channels // patch_size, out_channels, 1, mapping_features)

    def forward(self, x: Tensor, mapping: Tensor | None, causal: bool) -> Tensor:
        """Unfold and convolve."""
        batch, channels, frames = x.shape
        patches = x.reshape(batch, channels // self.patch_size, self.patch_size, frames)
        out: Tensor = self.block(patches.transpose(2, 3).flatten(2), mapping, causal)
        return out


def _divides(patch_size: int, channels: int) -> int:
    if channels % patch_size:
        raise ValueError(f"patch_size {patch_size} does not divide the first width, {channels}")
    return patch_size
