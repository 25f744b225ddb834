"""The discriminators of DAC (Kumar et al. 2023, arXiv 2306.06546): periods, bands of spectrograms, sample rates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import torch
from julius.resample import ResampleFrac
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from narrows.configs import DacDiscriminatorConfig
from narrows.losses.adversarial import DAC_HINGE, objective
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator

BANDS = ((0.0, 0.1), (0.1, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0))


class DACDiscriminator(Discriminator):
    """Several discriminators of the waveform without its mean, at a peak of 0.8.

    Args:
        channels: audio channels.
        sample_rate: in Hz.
        use_hinge: the reference's hinge instead of `loss_type`.
        loss_type: `lsgan`, `hinge` or `rpgan`.
        rates: factors by which the sample rate is divided, one discriminator of the waveform each.
        periods: in samples, one discriminator each.
        fft_sizes: windows in samples, one discriminator of bands each.
        bands: from and to, as fractions of the spectrum.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(
        self,
        channels: int = 1,
        sample_rate: int = 44100,
        use_hinge: bool = False,
        loss_type: str = "lsgan",
        rates: Sequence[int] = (),
        periods: Sequence[int] = (2, 3, 5, 7, 11),
        fft_sizes: Sequence[int] = (2048, 1024, 512),
        bands: Sequence[Sequence[float]] = BANDS,
    ) -> None:
        super().__init__(DAC_HINGE if use_hinge else objective(loss_type))
        self.discriminator = nn.Module()
        self.discriminator.discriminators = nn.ModuleList(
            chain(
                (PeriodDiscriminator(period, channels) for period in periods),
                (RateDiscriminator(rate, sample_rate, channels) for rate in rates),
                (BandDiscriminator(size, bands, channels) for size in fft_sizes),
            )
        )

    def judge(self, x: Tensor) -> list[Judgement]:
        """What each discriminator says."""
        x = x - x.mean(dim=-1, keepdim=True)
        x = 0.8 * x / (x.abs().amax(dim=-1, keepdim=True) + 1e-9)
        return [part(x) for part in self.discriminator.discriminators]  # type: ignore[union-attr]


class PeriodDiscriminator(nn.Module):
    """Convolutions along rows of a period (HiFi-GAN, Kong et al. 2020).

    Args:
        period: in samples.
        channels: audio channels.
    """

    def __init__(self, period: int, channels: int = 1) -> None:
        super().__init__()
        self.period = period
        widths = [channels, 32, 128, 512, 1024]
        strided = [_conv2d(a, b, (5, 1), (3, 1), (2, 0)) for a, b in pairwise(widths)]
        self.convs = nn.ModuleList([*strided, _conv2d(1024, 1024, (5, 1), (1, 1), (2, 0))])
        self.conv_post = weight_norm(nn.Conv2d(1024, 1, (3, 1), padding=(1, 0)))

    def forward(self, x: Tensor) -> Judgement:
        """Judge signals."""
        # A whole period is added where none is missing: trained weights expect it.
        x = F.pad(x, (0, self.period - x.shape[-1] % self.period), mode="reflect")
        return _judge(self.convs, self.conv_post, x.reshape(*x.shape[:-1], -1, self.period))


class RateDiscriminator(nn.Module):
    """Convolutions along the waveform at a lower sample rate (MelGAN, Kumar et al. 2019).

    Args:
        rate: factor by which the sample rate is divided.
        sample_rate: in Hz.
        channels: audio channels.
    """

    def __init__(self, rate: int, sample_rate: int, channels: int = 1) -> None:
        super().__init__()
        self.resample = ResampleFrac(sample_rate, sample_rate // rate)
        layers = (
            (channels, 16, 15, 1, 1),
            (16, 64, 41, 4, 4),
            (64, 256, 41, 4, 16),
            (256, 1024, 41, 4, 64),
            (1024, 1024, 41, 4, 256),
            (1024, 1024, 5, 1, 1),
        )
        self.convs = nn.ModuleList(
            nn.Sequential(weight_norm(nn.Conv1d(a, b, kernel, stride, kernel // 2, groups=groups)), nn.LeakyReLU(0.1))
            for a, b, kernel, stride, groups in layers
        )
        self.conv_post = weight_norm(nn.Conv1d(1024, 1, 3, padding=1))

    def forward(self, x: Tensor) -> Judgement:
        """Judge signals."""
        return _judge(self.convs, self.conv_post, self.resample(x))


class BandDiscriminator(nn.Module):
    """Convolutions over bands of complex spectrograms; channels are judged one by one.

    Args:
        window_length: in samples; the hop is a quarter.
        bands: from and to, as fractions of the spectrum.
        channels: audio channels; they share the weights.
    """

    window: Tensor

    def __init__(self, window_length: int, bands: Sequence[Sequence[float]] = BANDS, channels: int = 1) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(window_length), persistent=False)
        bins = window_length // 2 + 1
        self.bands = [(int(low * bins), int(high * bins)) for low, high in bands]
        self.band_convs = nn.ModuleList(self._stack() for _ in bands)
        self.conv_post = weight_norm(nn.Conv2d(32, 1, (3, 3), padding=(1, 1)))

    @staticmethod
    def _stack() -> nn.ModuleList:
        inner = [_conv2d(32, 32, (3, 9), (1, 2), (1, 4)) for _ in range(3)]
        return nn.ModuleList([_conv2d(2, 32, (3, 9), (1, 1), (1, 4)), *inner, _conv2d(32, 32, (3, 3), (1, 1), (1, 1))])

    def forward(self, x: Tensor) -> Judgement:
        """Judge signals."""
        spectra = self.spectrogram(x)
        features, ends = [], []
        for (low, high), stack in zip(self.bands, self.band_convs, strict=True):
            band = spectra[..., low:high]
            for conv in stack:  # type: ignore[attr-defined]
                band = conv(band)
                features.append(band)
            ends.append(band)
        return Judgement(self.conv_post(torch.cat(ends, dim=-1)), features)

    def spectrogram(self, x: Tensor) -> Tensor:
        """Real and imaginary parts `(B · C, 2, T / hop, bins)`, one frame a hop (audiotools' `match_stride`)."""
        length = len(self.window)
        hop = length // 4
        edge = (length - hop) // 2
        x = F.pad(x.float(), (edge, edge - x.shape[-1] % -hop), mode="reflect").flatten(0, 1)
        spectra = torch.stft(x, length, hop, window=self.window, return_complex=True)[..., 2:-2]
        return torch.stack([spectra.real, spectra.imag], dim=1).transpose(2, 3)


def _conv2d(
    in_channels: int, out_channels: int, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> nn.Sequential:
    return nn.Sequential(weight_norm(nn.Conv2d(in_channels, out_channels, kernel, stride, padding)), nn.LeakyReLU(0.1))


def _judge(convs: nn.ModuleList, last: nn.Module, x: Tensor) -> Judgement:
    features = []
    for conv in convs:
        x = conv(x)
        features.append(x)
    return Judgement(last(x), features)


@build_discriminator.register
def _(config: DacDiscriminatorConfig, channels: int, sample_rate: int) -> DACDiscriminator:
    return DACDiscriminator(channels, sample_rate, **config.config.model_dump())
