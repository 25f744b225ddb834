"""The two-dimensional SEANet encoder of EulerAudioBackbone, real or complex."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from torch import Tensor, nn

from narrows.configs import SEANet2dEncoderConfig
from narrows.models._options import options
from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.spectral.encoders import EncoderInfo, SpectralEncoder, build_spectral_encoder
from narrows.models.spectral.modules.seanet2d import PackFrequency, Seanet2dOptions


class SEANet2dEncoder(SpectralEncoder):
    """Residual units and strided convolutions whose width doubles; then frequency is packed into channels.

    Args:
        input_size: channels of the spectrogram.
        dimension: channels of the latents.
        n_filters: width of the first stage.
        ratios: downsampling of each stage in frequency and time, in the order of the decoder: the last one first.
        kernel_size: taps of the first convolution.
        last_kernel_size: taps of the last convolution.
        latent_fbins: frequency bins that the ratios leave.
        latent_seq_model: put the sequence model behind the last convolution instead of in front of it.
        double_final_conv: two convolutions at the end, where the packed channels are more than the latents.
        style: fields of `narrows.models.spectral.modules.seanet2d.Seanet2dOptions`.

    Shape:
        `(B, input_size, F, T)` → `(B, dimension, ceil(T / stride))`
    """

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        input_size: int = 1,
        dimension: int = 128,
        n_filters: int = 32,
        ratios: Sequence[Sequence[int]] = ((4, 1), (4, 1), (4, 2), (4, 1)),
        kernel_size: int = 7,
        last_kernel_size: int = 7,
        latent_fbins: int = 1,
        latent_seq_model: bool = False,
        double_final_conv: bool = False,
        **style: Any,
    ) -> None:
        shared = Seanet2dOptions(**style)
        stride = prod(time for _, time in ratios)
        super().__init__(
            input_size=input_size, is_complex=shared.is_complex, time_stride=stride, latent_channels=dimension
        )
        self.latent_fbins = latent_fbins
        layers: list[nn.Module] = [shared.conv(input_size, n_filters, (kernel_size, kernel_size))]
        width = n_filters
        for ratio in reversed(ratios):
            doubled = tuple(2 * step for step in ratio)
            down = shared.conv(width, 2 * width, doubled, ratio, groups=shared.groups(width))
            layers += [*shared.residual_units(width), shared.act(width), down]
            width *= 2
        packed = width * latent_fbins
        layers += [PackFrequency(latent_fbins)]
        layers += [] if latent_seq_model else shared.sequence(packed)
        widths = [packed, 2 * dimension, dimension] if double_final_conv and packed > dimension else [packed, dimension]
        layers += [shared.act(packed)]
        layers += [shared.conv(a, b, (last_kernel_size,)) for a, b in pairwise(widths)]
        layers += shared.sequence(dimension) if latent_seq_model else []
        self.model = nn.Sequential(*layers)

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, EncoderInfo]:
        """Encode."""
        latents: Tensor = self.model(spectrogram)
        return latents, {"feature_shape": (self.latent_fbins, latents.shape[-1])}

    def receptive_field(self) -> ReceptiveField:
        """In frames; see `narrows.models.streaming`."""
        return chain(self.model)


@build_spectral_encoder.register
def _(config: SEANet2dEncoderConfig, channels: int, bins: int) -> SEANet2dEncoder:
    return SEANet2dEncoder(**{**options(config), "input_size": channels})
