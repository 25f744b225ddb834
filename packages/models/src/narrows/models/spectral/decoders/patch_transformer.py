"""The patch transformer decoder; see `narrows.models.spectral.modules.patches`."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.configs import PatchTransformerDecoderConfig
from narrows.models._options import options
from narrows.models.receptive_field import ReceptiveField
from narrows.models.spectral.decoders import SpectralDecoder, build_spectral_decoder
from narrows.models.spectral.encoders import EncoderInfo
from narrows.models.spectral.modules.linear import linear
from narrows.models.spectral.modules.patches import Grid, PatchBlocks, grid_of, part


class PatchTransformerDecoder(SpectralDecoder):
    """A projection of the latents to patches, a transformer over those of a window, and a projection to spectrograms.

    Args:
        channels: channels of the spectrogram.
        grid: the patches.
        dim: latent channels of a row of patches.
        depth: transformer blocks.
        n_heads: heads of the attention.
        dropout_rate: share dropped in training.
        inter_dim: features of a patch.
        mlp_ch_mult: features inside the feed-forward networks, as a multiple.
        use_pos_enc: tell patches their place.
        is_complex: complex weights.

    Shape:
        `(B, dim * rows, L)` → `(B, channels, F, L * stride)`
    """

    def __init__(
        self,
        channels: int,
        grid: Grid,
        dim: int = 4,
        depth: int = 4,
        n_heads: int = 8,
        dropout_rate: float = 0.05,
        inter_dim: int = 64,
        mlp_ch_mult: int = 4,
        use_pos_enc: bool = True,
        is_complex: bool = False,
    ) -> None:
        super().__init__(
            channels=channels, is_complex=is_complex, time_stride=grid.stride, latent_channels=dim * grid.rows
        )
        self.grid = grid
        self.from_latents = linear(dim, grid.merged * inter_dim, is_complex)
        self.blocks = PatchBlocks(grid, inter_dim, depth, n_heads, mlp_ch_mult, dropout_rate, use_pos_enc, is_complex)
        self.to_patches = linear(inter_dim, channels * grid.patch[0] * grid.patch[1], is_complex)

    def forward(self, latents: Tensor, encoder_info: EncoderInfo | None = None) -> Tensor:
        """Decode window by window; the info is not needed."""
        return self.grid.in_windows(self._window, latents, self.grid.window // self.grid.stride)

    def receptive_field(self) -> ReceptiveField:
        """In frames; see `narrows.models.streaming`."""
        return self.grid.decode_field()

    def _window(self, latents: Tensor) -> Tensor:
        places = torch.unflatten(latents, 1, (-1, self.grid.rows)).permute(0, 2, 3, 1)
        patches = self.blocks(part(self.from_latents(places), self.grid.merged))
        return self.grid.join(self.to_patches(patches), self.channels)


@build_spectral_decoder.register
def _(config: PatchTransformerDecoderConfig, channels: int, bins: int) -> PatchTransformerDecoder:
    given = options(config)
    shape = {key: given.pop(key) for key in ("image_size", "patch_size", "downsample_ratio")}
    return PatchTransformerDecoder(**{**given, "channels": channels, "grid": grid_of(bins, **shape)})
