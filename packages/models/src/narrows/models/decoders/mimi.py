"""The decoder of Mimi (Défossez et al. 2024, arXiv 2410.00037), as the library transformers has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from narrows.configs import MimiDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.padded_convolutions import TrimmedConvTranspose1d
from narrows.models.blocks.windowed_transformer import WindowedTransformer
from narrows.models.decoders import build_decoder
from narrows.models.decoders.seanet import SeanetDecoder
from narrows.models.receptive_field import Chain


class MimiDecoder(nn.Module):
    """A convolution that raises the frame rate, a causal transformer with a window, and a causal SEANet.

    No output depends on later input, and the transformer keeps what it needs of the latents before, so that it streams
    frame by frame.

    Args:
        channels: audio channels.
        dimension: width of the transformer and of the latents.
        n_filters: width of the stage next to the audio.
        n_residual_layers: residual units a stage.
        kernel_size: taps of the first convolution.
        last_kernel_size: taps of the last convolution.
        residual_kernel_size: taps of the residual units.
        dilation_base: dilation of the residual unit i of a stage is its i-th power.
        compress: residual units are narrower than their stage by this factor.
        ratios: upsampling of each stage, the first one in front of the transformer.
        depth: layers of the transformer.
        heads: of its attention.
        ff_dim: width of its feed-forward layers.
        window: frames that a frame attends to.
        layer_scale: what each layer's outputs are multiplied by at the start.

    Shape:
        `(B, dimension, L)` → `(B, channels, L * prod(ratios))`
    """

    structure = Chain("upsample", "transformer", "seanet")

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        channels: int = 1,
        dimension: int = 512,
        n_filters: int = 64,
        n_residual_layers: int = 1,
        kernel_size: int = 7,
        last_kernel_size: int = 3,
        residual_kernel_size: int = 3,
        dilation_base: int = 2,
        compress: int = 2,
        ratios: Sequence[int] = (2, 8, 6, 5, 4),
        depth: int = 8,
        heads: int = 8,
        ff_dim: int = 2048,
        window: int = 250,
        layer_scale: float = 0.01,
    ) -> None:
        super().__init__()
        style: dict[str, Any] = {
            **{"n_residual_layers": n_residual_layers, "residual_kernel_size": residual_kernel_size},
            **{"dilation_base": dilation_base, "compress": compress, "true_skip": True},
            **{"causal": True, "norm": "none", "pad_mode": "constant"},
        }
        first, *stages = ratios
        self.upsample = TrimmedConvTranspose1d(
            dimension, dimension, 2 * first, first, causal=True, groups=dimension, bias=False
        )
        self.transformer = WindowedTransformer(dimension, depth, heads, ff_dim, window, layer_scale)
        self.seanet = SeanetDecoder(channels, dimension, n_filters, stages, kernel_size, last_kernel_size, 0, **style)

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.seanet(self.transformer(self.upsample(x)))
        return out


@build_decoder.register
def _(config: MimiDecoderConfig) -> MimiDecoder:
    return MimiDecoder(**options(config))
