"""Transformers over patches of spectrograms, as EulerAudioBackbone's `simple_transformer_AE` describes them.

The published package names these networks and their options, but does not have them; they are built here of what the
options say (patches after Dosovitskiy et al. 2021, arXiv 2010.11929).

Letters: B batch, C channels, F frequency bins, T frames, R rows of patches, K columns of patches, N features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField
from narrows.models.spectral.modules.initialisation import complex_dtype
from narrows.models.spectral.modules.transformer import Transformer
from narrows.models.spectral.stft import fit


@dataclass(frozen=True)
class Grid:
    """How a window of a spectrogram is cut into patches.

    Args:
        bins: frequency bins of the spectrogram.
        window: frames that attention sees at once.
        patch: bins and frames of a patch.
        merged: patches in time per latent frame.
    """

    bins: int
    window: int
    patch: tuple[int, int]
    merged: int

    def __post_init__(self) -> None:
        """Check that latent frames fill a window."""
        if self.window % self.stride:
            raise ValueError(
                f"image_size has {self.window} frames, which are no multiple of the {self.stride} that a latent frame "
                f"stands for (patch_size {self.patch[1]} times downsample_ratio {self.merged}): write "
                f"{ceil(self.window / self.stride) * self.stride}"
            )

    @property
    def rows(self) -> int:
        """Rows of patches; the last one may reach beyond the last bin."""
        return ceil(self.bins / self.patch[0])

    @property
    def stride(self) -> int:
        """Frames a latent frame."""
        return self.patch[1] * self.merged

    @property
    def columns(self) -> int:
        """Columns of patches of a window."""
        return self.window // self.patch[1]

    def cut(self, x: Tensor) -> Tensor:
        """`(B, C, F, T)` → `(B, R, K, C * bins * frames)`; padded with zeros to whole patches."""
        height, width = self.patch
        whole = fit(fit(x, -2, self.rows * height), -1, ceil(x.shape[-1] / width) * width)
        split = torch.unflatten(torch.unflatten(whole, 3, (-1, width)), 2, (-1, height))
        return split.permute(0, 2, 4, 1, 3, 5).flatten(3)

    def join(self, patches: Tensor, channels: int) -> Tensor:
        """`(B, R, K, C * bins * frames)` → `(B, C, F, K * frames)`."""
        split = torch.unflatten(patches, 3, (channels, *self.patch))
        whole = split.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)
        return fit(whole, -2, self.bins)

    def in_windows(self, run: Callable[[Tensor], Tensor], x: Tensor, size: int) -> Tensor:
        """Apply a function to windows of a size along the last axis, each alone; the last one may be shorter."""
        return torch.cat([run(part) for part in torch.split(x, size, dim=-1)], dim=-1)

    def encode_field(self) -> ReceptiveField:
        """Of an encoder that works in windows: a latent frame sees its own window, which ends with its last frame."""
        reach = Fraction(self.window - self.stride)
        return ReceptiveField(
            stride=Fraction(self.stride), left=reach, right=Fraction(self.window - 1), period=Fraction(self.window)
        )

    def decode_field(self) -> ReceptiveField:
        """Of a decoder that works in windows."""
        reach = Fraction(self.window // self.stride - 1) + Fraction(self.stride - 1, self.stride)
        return ReceptiveField(
            stride=Fraction(1, self.stride), left=reach, right=reach, period=Fraction(self.window // self.stride)
        )


class PatchBlocks(nn.Module):
    """A transformer over all patches of a window, which know their row and column.

    Args:
        grid: the patches.
        features: of a patch.
        depth: blocks.
        heads: heads of the attention.
        widening: features inside the feed-forward networks, as a multiple.
        dropout: share dropped in training.
        positions: tell patches their place.
        is_complex: complex features.

    Shape:
        `(B, R, K, N)` → `(B, R, K, N)`
    """

    def __init__(
        self,
        grid: Grid,
        features: int,
        depth: int,
        heads: int,
        widening: int,
        dropout: float,
        positions: bool,
        is_complex: bool,
    ) -> None:
        super().__init__()
        self.transformer = Transformer(features, depth, heads, widening * features, False, dropout, is_complex)
        self.rows = self.columns = None
        if positions:
            self.rows = _places(grid.rows, features, is_complex)
            self.columns = _places(grid.columns, features, is_complex)

    def forward(self, patches: Tensor) -> Tensor:
        """Run the blocks."""
        rows, columns = patches.shape[1:3]
        if self.rows is not None and self.columns is not None:
            patches = patches + self.rows[:rows, None] + self.columns[:columns]
        out: Tensor = self.transformer(patches.flatten(1, 2))
        return torch.unflatten(out, 1, (rows, columns))


def merge(patches: Tensor, count: int) -> Tensor:
    """Neighbours in time as one: `(B, R, K, N)` → `(B, R, ceil(K / count), count * N)`."""
    columns = ceil(patches.shape[2] / count) * count
    missing = patches.new_zeros(*patches.shape[:2], columns - patches.shape[2], patches.shape[3])
    return torch.unflatten(torch.cat([patches, missing], dim=2), 2, (-1, count)).flatten(3)


def part(patches: Tensor, count: int) -> Tensor:
    """The inverse: `(B, R, K, count * N)` → `(B, R, K * count, N)`."""
    return torch.unflatten(patches, 3, (count, -1)).flatten(2, 3)


def grid_of(bins: int, image_size: Sequence[int], patch_size: Sequence[int], downsample_ratio: int) -> Grid:
    """The patches that the options of an encoder or decoder describe.

    Args:
        bins: of the transform.
        image_size: bins and frames of a window.
        patch_size: bins and frames of a patch.
        downsample_ratio: patches in time a latent frame.

    Raises:
        ValueError: the bins are not those of the transform, or latent frames do not fill a window.
    """
    if image_size[0] != bins:
        raise ValueError(f"image_size has {image_size[0]} bins, but the transform has {bins}: write {bins}")
    return Grid(bins, image_size[1], (patch_size[0], patch_size[1]), downsample_ratio)


def _places(count: int, features: int, is_complex: bool) -> nn.Parameter:
    return nn.Parameter(0.02 * torch.randn(count, features, dtype=complex_dtype() if is_complex else None))
