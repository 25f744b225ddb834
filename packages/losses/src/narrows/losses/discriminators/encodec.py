"""The multi-scale STFT discriminator of EnCodec (Défossez et al. 2022, arXiv 2210.13438)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from narrows.configs import EncodecDiscriminatorConfig
from narrows.losses.adversarial import objective
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator


class EncodecDiscriminator(Discriminator):
    """Convolutions over complex spectrograms at several scales.

    Args:
        filters: width.
        in_channels: audio channels.
        n_ffts: in samples.
        hop_lengths: in samples; as many.
        win_lengths: in samples; as many.
        normalize_losses: divide each feature distance by the mean size of the real features.
        loss_type: `hinge`, `lsgan` or `rpgan`.
        options: as of `STFTDiscriminator`.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(
        self,
        filters: int,
        in_channels: int = 1,
        n_ffts: Sequence[int] = (1024, 2048, 512),
        hop_lengths: Sequence[int] = (256, 512, 128),
        win_lengths: Sequence[int] = (1024, 2048, 512),
        normalize_losses: bool = False,
        loss_type: str = "hinge",
        **options: Any,
    ) -> None:
        super().__init__(objective(loss_type))
        self.normalize_losses = normalize_losses
        self.discriminators = nn.Module()
        self.discriminators.discriminators = nn.ModuleList(
            STFTDiscriminator(filters, in_channels, *sizes, **options)
            for sizes in zip(n_ffts, hop_lengths, win_lengths, strict=True)
        )

    def judge(self, x: Tensor) -> list[Judgement]:
        """What each scale says."""
        return [scale(x) for scale in self.discriminators.discriminators]  # type: ignore[union-attr]

    def map_distance(self, real: Tensor, fake: Tensor) -> Tensor:
        """Distance of two feature maps, relative to the real one if so configured."""
        distance = super().map_distance(real, fake)
        return distance / (real.abs().mean() + 1e-3) if self.normalize_losses else distance


class STFTDiscriminator(nn.Module):
    """One scale.

    Args:
        filters: width.
        in_channels: audio channels.
        n_fft: in samples.
        hop_length: in samples.
        win_length: in samples; the audio must be at least as long as the FFT.
        out_channels: channels of the scores.
        max_filters: largest width.
        filters_scale: growth of the width a layer. (The reference cannot run with other values than 1; the first
            layer has `filters` channels here.)
        kernel_size: in time and frequency.
        dilations: in time, of the inner layers.
        stride: of the inner layers, in time and frequency.
        normalized: divide spectra by the norm of the window.
        activation: class of torch.nn.
        activation_params: its arguments.
        spec_scale_pow: multiply spectra by this power of their magnitude.

    Shape:
        `(B, C, T)` → scores `(B, out_channels, frames, bins)`
    """

    window: Tensor

    def __init__(
        self,
        filters: int,
        in_channels: int = 1,
        n_fft: int = 1024,
        hop_length: int = 256,
        win_length: int = 1024,
        out_channels: int = 1,
        max_filters: int = 1024,
        filters_scale: int = 1,
        kernel_size: Sequence[int] = (3, 9),
        dilations: Sequence[int] = (1, 2, 4),
        stride: Sequence[int] = (1, 1),
        normalized: bool = True,
        activation: str = "LeakyReLU",
        activation_params: dict[str, float] | None = None,
        spec_scale_pow: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_fft, self.hop_length, self.win_length = n_fft, hop_length, win_length
        self.normalized = normalized
        self.spec_scale_pow = spec_scale_pow
        params = {"negative_slope": 0.2} if activation_params is None and activation == "LeakyReLU" else {}
        self.activation = getattr(nn, activation)(**(activation_params or params))
        self.register_buffer("window", torch.hann_window(win_length), persistent=False)
        widths = [min(filters * filters_scale**i, max_filters) for i in range(1, len(dilations) + 2)]
        kernel, square = tuple(kernel_size), (kernel_size[0], kernel_size[0])
        self.convs = nn.ModuleList([_NormConv2d(2 * in_channels, filters, kernel)])
        for (wide_in, wide_out), dilation in zip(pairwise([filters, *widths[:-1]]), dilations, strict=True):
            self.convs.append(_NormConv2d(wide_in, wide_out, kernel, tuple(stride), (dilation, 1)))
        self.convs.append(_NormConv2d(widths[-2] if dilations else filters, widths[-1], square))
        self.conv_post = _NormConv2d(widths[-1], out_channels, square)

    def forward(self, x: Tensor) -> Judgement:
        """Judge signals."""
        z = self.spectrogram(x)
        features = []
        for conv in self.convs:
            z = self.activation(conv(z))
            features.append(z)
        return Judgement(self.conv_post(z), features)

    def spectrogram(self, x: Tensor) -> Tensor:
        """Real and imaginary parts `(B, 2C, frames, bins)`."""
        if x.shape[-1] < self.n_fft:
            raise ValueError(
                f"The audio has {x.shape[-1]} samples but the discriminator's FFT {self.n_fft}: "
                "train on longer crops, or make n_ffts smaller"
            )
        spectra = torch.stft(
            x.float().flatten(0, 1),
            self.n_fft,
            self.hop_length,
            self.win_length,
            self.window,
            center=False,
            return_complex=True,
        )
        spectra = spectra.reshape(*x.shape[:2], *spectra.shape[-2:])
        if self.normalized:
            spectra = spectra / self.window.square().sum().sqrt()
        if self.spec_scale_pow != 0.0:
            spectra = spectra * (spectra.abs() + 1e-6) ** self.spec_scale_pow
        return torch.cat([spectra.real, spectra.imag], dim=1).transpose(2, 3)


class _NormConv2d(nn.Module):
    """A weight-normalised convolution that keeps the size at stride 1."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: tuple[int, ...],
        stride: tuple[int, ...] = (1, 1),
        dilation: tuple[int, ...] = (1, 1),
    ) -> None:
        super().__init__()
        padding = tuple(math.floor((k - 1) * d / 2) for k, d in zip(kernel, dilation, strict=True))
        self.conv = weight_norm(
            nn.Conv2d(in_channels, out_channels, kernel, stride, padding, dilation)  # type: ignore[arg-type]
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return out


@build_discriminator.register
def _(config: EncodecDiscriminatorConfig, channels: int, sample_rate: int) -> EncodecDiscriminator:
    arguments = config.config.model_dump()
    given = arguments.pop("activation_params")
    params = {key: value for key, value in given.items() if value is not None}
    return EncodecDiscriminator(in_channels=channels, activation_params=params or None, **arguments)
