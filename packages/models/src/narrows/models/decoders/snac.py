"""The decoder of SNAC (Siuzdak et al. 2024, arXiv 2410.14411; snac 1.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from torch import Generator, Tensor, nn

from narrows.configs import SnacDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import Snake
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.folding import Unfold
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.snac import DecoderBlock, WindowAttention, check_fold, noisy
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import Chain


class SnacDecoder(nn.Module):
    """Attention in windows, then upsampling convolutions whose width halves; the output passes a tanh.

    Args:
        out_channels: channels of the output.
        latent_dim: channels of each joined frame.
        channels: width of the first stage, halved (and rounded down) by each.
        rates: upsampling of each stage, in decoder order.
        depthwise: whether convolutions work on each channel alone.
        noise: whether each stage adds noise; see `narrows.models.blocks.snac.NoiseBlock`.
        attn_window_size: frames of a window of attention; None for no attention.
        fold: frames that are joined into a latent frame; a multiple of the window.

    Shape:
        `(B, latent_dim * fold, L)` → `(B, out_channels, L * fold * prod(rates))`
    """

    structure = Chain("fold", "model")
    call_options: ClassVar[frozenset[str]] = frozenset({"noise_generator"})

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 1,
        latent_dim: int = 768,
        channels: int = 1024,
        rates: Sequence[int] = (8, 8, 4, 2),
        depthwise: bool = True,
        noise: bool = True,
        attn_window_size: int | None = None,
        fold: int = 4,
    ) -> None:
        super().__init__()
        check_fold(fold, attn_window_size)
        widths = [channels // 2**stage for stage in range(len(rates) + 1)]
        if not widths[-1]:
            raise ValueError(f"channels must be at least {2 ** len(rates)} for {len(rates)} rates, got {channels}")
        self.fold = Unfold(fold)
        self.model = Layers(
            *_entrance(latent_dim, channels, depthwise),
            *([] if attn_window_size is None else [WindowAttention(channels, attn_window_size)]),
            *(
                DecoderBlock(wide, narrow, rate, depthwise, noise)
                for (wide, narrow), rate in zip(pairwise(widths), rates, strict=True)
            ),
            Snake(widths[-1]),
            weight_norm_conv1d(widths[-1], out_channels, 7, padding=3),
            nn.Tanh(),
        )

    def forward(self, x: Tensor, noise_generator: Generator | None = None) -> Tensor:
        """Decode.

        Args:
            x: `(B, latent_dim * fold, L)`.
            noise_generator: source of noise; None for none in evaluation, and for torch's global state in training.
        """
        x = self.fold(x)
        if noise_generator is None:
            out: Tensor = self.model(x)
            return out
        with noisy(self.model, noise_generator):
            out = self.model(x)
        return out


def _entrance(latent_dim: int, channels: int, depthwise: bool) -> list[nn.Module]:
    if not depthwise:
        return [weight_norm_conv1d(latent_dim, channels, 7, padding=3)]
    return [
        weight_norm_conv1d(latent_dim, latent_dim, 7, padding=3, groups=latent_dim),
        weight_norm_conv1d(latent_dim, channels, 1),
    ]


@build_decoder.register
def _(config: SnacDecoderConfig) -> SnacDecoder:
    return SnacDecoder(**options(config))
