"""The SEANet decoder of EnCodec (Défossez et al. 2022, arXiv 2210.13438; encodec 0.1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from narrows.configs import SeanetDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import torch_activation
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.lstm import SkipLSTM
from narrows.models.blocks.padded_convolutions import TrimmedConvTranspose1d
from narrows.models.blocks.seanet import SeanetOptions
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import Chain


class SeanetDecoder(nn.Module):
    """An LSTM, then transposed convolutions and residual units whose width halves.

    Args:
        channels: channels of the output.
        dimension: input channels.
        n_filters: width of the last stage.
        ratios: upsampling of each stage, the first one first.
        kernel_size: taps of the first convolution.
        last_kernel_size: taps of the last convolution.
        lstm: LSTM layers; 0 for none.
        final_activation: activation of the output; None for none.
        final_activation_params: its arguments.
        trim_right_ratio: share of the surplus of an upsampling convolution that is cut off at its end; other than 1
            only with `causal`.
        style: fields of `narrows.models.blocks.seanet.SeanetOptions`.

    Shape:
        `(B, dimension, L)` → `(B, channels, L * prod(ratios))`
    """

    structure = Chain("model")

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        channels: int = 1,
        dimension: int = 128,
        n_filters: int = 32,
        ratios: Sequence[int] = (8, 5, 4, 2),
        kernel_size: int = 7,
        last_kernel_size: int = 7,
        lstm: int = 2,
        final_activation: str | None = None,
        final_activation_params: Mapping[str, Any] | None = None,
        trim_right_ratio: float = 1.0,
        **style: Any,
    ) -> None:
        super().__init__()
        shared = SeanetOptions(**style)
        trimming = {**shared.norms, "causal": shared.causal, "trim_right_ratio": trim_right_ratio}
        width = n_filters * 2 ** len(ratios)
        layers: list[nn.Module] = [shared.conv(dimension, width, kernel_size)]
        layers += [SkipLSTM(width, lstm)] if lstm else []
        for ratio in ratios:
            layers += [shared.act(), TrimmedConvTranspose1d(width, width // 2, 2 * ratio, ratio, **trimming)]
            width //= 2
            layers += shared.residual_units(width)
        layers += [shared.act(), shared.conv(width, channels, last_kernel_size)]
        layers += [torch_activation(final_activation, final_activation_params)] if final_activation else []
        self.model = Layers(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.model(x)
        return out


@build_decoder.register
def _(config: SeanetDecoderConfig) -> SeanetDecoder:
    return SeanetDecoder(**options(config))
