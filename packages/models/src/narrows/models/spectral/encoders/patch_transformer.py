"""The patch transformer encoder; see `narrows.models.spectral.modules.patches`."""

from __future__ import annotations

from torch import Tensor

from narrows.configs import PatchTransformerEncoderConfig
from narrows.models._options import options
from narrows.models.receptive_field import ReceptiveField
from narrows.models.spectral.encoders import EncoderInfo, SpectralEncoder, build_spectral_encoder
from narrows.models.spectral.modules.linear import linear
from narrows.models.spectral.modules.patches import Grid, PatchBlocks, grid_of, merge


class PatchTransformerEncoder(SpectralEncoder):
    """Patches, a transformer over those of a window, and a projection of each to the latents.

    Args:
        input_size: channels of the spectrogram.
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
        `(B, input_size, F, T)` → `(B, dim * rows, ceil(T / stride))`
    """

    def __init__(
        self,
        input_size: int,
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
            input_size=input_size,
            is_complex=is_complex,
            time_stride=grid.stride,
            latent_channels=dim * grid.rows,
        )
        self.grid = grid
        self.embed = linear(input_size * grid.patch[0] * grid.patch[1], inter_dim, is_complex)
        self.blocks = PatchBlocks(grid, inter_dim, depth, n_heads, mlp_ch_mult, dropout_rate, use_pos_enc, is_complex)
        self.to_latents = linear(grid.merged * inter_dim, dim, is_complex)

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, EncoderInfo]:
        """Encode window by window."""
        latents = self.grid.in_windows(self._window, spectrogram, self.grid.window)
        return latents, {"feature_shape": (self.grid.rows, latents.shape[-1])}

    def receptive_field(self) -> ReceptiveField:
        """In frames; see `narrows.models.streaming`."""
        return self.grid.encode_field()

    def _window(self, spectrogram: Tensor) -> Tensor:
        patches = self.blocks(self.embed(self.grid.cut(spectrogram)))
        latents: Tensor = self.to_latents(merge(patches, self.grid.merged))
        # Channel by channel, so that mean and scale of a variational bottleneck are two halves.
        return latents.permute(0, 3, 1, 2).flatten(1, 2)


@build_spectral_encoder.register
def _(config: PatchTransformerEncoderConfig, channels: int, bins: int) -> PatchTransformerEncoder:
    given = options(config)
    shape = {key: given.pop(key) for key in ("image_size", "patch_size", "downsample_ratio")}
    return PatchTransformerEncoder(**{**given, "input_size": channels, "grid": grid_of(bins, **shape)})
