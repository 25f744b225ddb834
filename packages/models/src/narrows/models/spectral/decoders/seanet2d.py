"""The two-dimensional SEANet decoder of EulerAudioBackbone, real or complex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from torch import Tensor, nn

from narrows.configs import SEANet2dDecoderConfig
from narrows.models._options import options
from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.spectral.decoders import SpectralDecoder, build_spectral_decoder
from narrows.models.spectral.encoders import EncoderInfo
from narrows.models.spectral.modules.activations import activation
from narrows.models.spectral.modules.convolutions import TrimmedConvTranspose2d
from narrows.models.spectral.modules.seanet2d import Seanet2dOptions, UnpackFrequency, groups


class SEANet2dDecoder(SpectralDecoder):
    """Channels become frequency bins; then transposed convolutions whose width halves, and residual units.

    Args:
        channels: channels of the spectrogram.
        input_size: channels of the latents.
        n_filters: width of the last stage.
        ratios: upsampling of each stage in frequency and time, the first one first.
        kernel_size: taps of the first convolution.
        last_kernel_size: taps of the last convolution.
        latent_fbins: frequency bins in the latents.
        latent_seq_model: put the sequence model in front of the first convolution instead of behind it.
        double_final_conv: two convolutions at the start, where the packed channels are more than twice the latents.
        tr_conv_group_ratio: as `conv_group_ratio`, for the transposed convolutions.
        final_activation: activation of the output; None for none.
        final_activation_params: its arguments.
        trim_right_ratio: share of the surplus of a causal transposed convolution that is cut off at the end.
        last_out_padding: bins and frames of the surplus that the last stage keeps, before and after.
        style: fields of `narrows.models.spectral.modules.seanet2d.Seanet2dOptions`.

    Shape:
        `(B, input_size, L)` → `(B, channels, F, L * stride)`
    """

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        channels: int = 1,
        input_size: int = 128,
        n_filters: int = 32,
        ratios: Sequence[Sequence[int]] = ((4, 1), (4, 1), (4, 2), (4, 1)),
        kernel_size: int = 7,
        last_kernel_size: int = 7,
        latent_fbins: int = 1,
        latent_seq_model: bool = False,
        double_final_conv: bool = False,
        tr_conv_group_ratio: int = -1,
        final_activation: str | None = None,
        final_activation_params: Mapping[str, Any] | None = None,
        trim_right_ratio: float = 1.0,
        last_out_padding: Sequence[Sequence[int]] = ((0, 1), (0, 0)),
        **style: Any,
    ) -> None:
        shared = Seanet2dOptions(**style)
        stride = prod(time for _, time in ratios)
        super().__init__(
            channels=channels, is_complex=shared.is_complex, time_stride=stride, latent_channels=input_size
        )
        width = n_filters * 2 ** len(ratios)
        packed = width * latent_fbins
        doubled = double_final_conv and packed > 2 * input_size
        widths = [input_size, 2 * input_size, packed] if doubled else [input_size, packed]
        layers: list[nn.Module] = shared.sequence(input_size) if latent_seq_model else []
        layers += [shared.conv(a, b, (kernel_size,)) for a, b in pairwise(widths)]
        layers += [] if latent_seq_model else shared.sequence(packed)
        layers += [UnpackFrequency(latent_fbins)]
        for index, ratio in enumerate(ratios):
            kept = last_out_padding if index == len(ratios) - 1 else ((0, 0), (0, 0))
            up = TrimmedConvTranspose2d(
                width,
                width // 2,
                [2 * step for step in ratio],
                ratio,
                groups(width, tr_conv_group_ratio),
                trim_right_ratio=trim_right_ratio,
                keep=kept,
                **shared.norms,
            )
            layers += [shared.act(width), up, *shared.residual_units(width // 2)]
            width //= 2
        layers += [shared.act(width), shared.conv(width, channels, (last_kernel_size, last_kernel_size))]
        if final_activation is not None:
            layers += [activation(final_activation, channels, shared.is_complex, final_activation_params)]
        self.model = nn.Sequential(*layers)

    def forward(self, latents: Tensor, encoder_info: EncoderInfo | None = None) -> Tensor:
        """Decode; the info is not needed."""
        out: Tensor = self.model(latents)
        return out

    def receptive_field(self) -> ReceptiveField:
        """In frames; see `narrows.models.streaming`."""
        return chain(self.model)


@build_spectral_decoder.register
def _(config: SEANet2dDecoderConfig, channels: int, bins: int) -> SEANet2dDecoder:
    return SEANet2dDecoder(**{**options(config), "channels": channels})
