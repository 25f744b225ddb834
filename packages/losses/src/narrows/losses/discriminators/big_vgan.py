"""The discriminator of BigVGAN: periods (Lee et al. 2023), and octaves of constant-Q spectrograms (Gu et al. 2024).

stable-audio-tools means this one but lacks its constant-Q part; names and sizes of that follow BigVGAN's own
repository, which took it from Amphion.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from julius.resample import ResampleFrac
from nnAudio.features.cqt import CQT2010v2
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from narrows.configs import BigVganDiscriminatorConfig
from narrows.losses.adversarial import LEAST_SQUARES
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator
from narrows.losses.discriminators.dac import DACDiscriminator

KERNEL = (3, 9)
Parts = list[Judgement]


class BigVGANDiscriminator(Discriminator):
    """Losses of the two parts are added. Constant-Q features are compared relative to the size of the real ones.

    Args:
        channels: audio channels.
        sample_rate: in Hz.
        use_hinge: the reference's hinge for the periods, instead of `loss_type`.
        loss_type: `lsgan`, `hinge` or `rpgan`, of the periods; the constant-Q part has least squares.
        periods: in samples.
        filters: width of the constant-Q part.
        max_filters: its largest width.
        filters_scale: growth of its width a layer.
        out_channels: channels of its scores.
        dilations: in time, of its inner layers.
        hop_lengths: in samples at twice the sample rate; one constant-Q discriminator each.
        n_octaves: as many.
        bins_per_octaves: as many.
        fmin: lowest frequency in Hz.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(
        self,
        channels: int = 1,
        sample_rate: int = 44100,
        use_hinge: bool = False,
        loss_type: str = "lsgan",
        periods: Sequence[int] = (2, 3, 5, 7, 11),
        filters: int = 32,
        max_filters: int = 1024,
        filters_scale: int = 1,
        out_channels: int = 1,
        dilations: Sequence[int] = (1, 2, 4),
        hop_lengths: Sequence[int] = (512, 256, 256),
        n_octaves: Sequence[int] = (9, 9, 9),
        bins_per_octaves: Sequence[int] = (24, 36, 48),
        fmin: float = 32.7,
    ) -> None:
        super().__init__(LEAST_SQUARES)
        self.mpd = DACDiscriminator(channels, sample_rate, use_hinge, loss_type, periods=periods, fft_sizes=())
        widths = [min(filters * filters_scale**i, max_filters) for i in range(len(dilations) + 2)]
        self.cqt = nn.Module()
        self.cqt.discriminators = nn.ModuleList(
            ConstantQDiscriminator(channels, sample_rate, widths, out_channels, dilations, *sizes, fmin)
            for sizes in zip(hop_lengths, n_octaves, bins_per_octaves, strict=True)
        )
        self._periods = len(periods)

    def judge(self, x: Tensor) -> Parts:
        """What the periods say, then the constant-Q spectrograms."""
        return self.mpd.judge(x) + [part(x) for part in self.cqt.discriminators]  # type: ignore[union-attr]

    def feature_distance(self, real: Parts, fake: Parts) -> Tensor:
        """Sum of the distances of both parts."""
        n = self._periods
        relative = super().feature_distance(real[n:], fake[n:])
        return self.mpd.feature_distance(real[:n], fake[:n]) + relative

    def map_distance(self, real: Tensor, fake: Tensor) -> Tensor:
        """Distance of two constant-Q feature maps, relative to the real one."""
        return super().map_distance(real, fake) / real.abs().mean().clamp(min=1e-8)

    def _discriminator_loss(self, real: Parts, fake: Parts) -> Tensor:
        n = self._periods
        return self.mpd._discriminator_loss(real[:n], fake[:n]) + super()._discriminator_loss(real[n:], fake[n:])

    def _adversarial_loss(self, real: Parts, fake: Parts) -> Tensor:
        n = self._periods
        return self.mpd._adversarial_loss(real[:n], fake[:n]) + super()._adversarial_loss(real[n:], fake[n:])


class ConstantQDiscriminator(nn.Module):
    """Convolutions over a complex constant-Q spectrogram; each octave first has one of its own.

    Args:
        channels: audio channels.
        sample_rate: in Hz; audio is raised to twice that, so that the filters of the highest octave fit.
        widths: of the layers.
        out_channels: channels of the scores.
        dilations: in time, of the inner layers.
        hop_length: in samples at twice the sample rate.
        n_octaves: from `fmin` up.
        bins_per_octave: bands an octave.
        fmin: lowest frequency in Hz.

    Shape:
        `(B, C, T)` → scores `(B, out_channels, frames, bins)`
    """

    def __init__(
        self,
        channels: int,
        sample_rate: int,
        widths: Sequence[int],
        out_channels: int,
        dilations: Sequence[int],
        hop_length: int,
        n_octaves: int,
        bins_per_octave: int,
        fmin: float,
    ) -> None:
        super().__init__()
        if fmin * 2**n_octaves > sample_rate:
            raise ValueError(
                f"{n_octaves} octaves from {fmin} Hz reach {fmin * 2**n_octaves:.0f} Hz, above what {sample_rate} Hz "
                "doubled can hold: make cqtd_n_octaves or fmin smaller"
            )
        self.resample = ResampleFrac(1, 2)
        self.cqt_transform = CQT2010v2(
            sr=2 * sample_rate,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=bins_per_octave * n_octaves,
            bins_per_octave=bins_per_octave,
            output_format="Complex",
            pad_mode="constant",
            verbose=False,
        )
        self.bins_per_octave = bins_per_octave
        square = (KERNEL[0], KERNEL[0])
        self.conv_pres = nn.ModuleList(_same(2 * channels, 2 * channels, KERNEL) for _ in range(n_octaves))
        self.convs = nn.ModuleList([_same(2 * channels, widths[0], KERNEL)])
        for (wide_in, wide_out), dilation in zip(pairwise([widths[0], *widths[1:-1]]), dilations, strict=True):
            self.convs.append(weight_norm(_same(wide_in, wide_out, KERNEL, (1, 2), dilation)))
        self.convs.append(weight_norm(_same(widths[-2], widths[-1], square)))
        self.conv_post = weight_norm(_same(widths[-1], out_channels, square))

    def forward(self, x: Tensor) -> Judgement:
        """Judge signals."""
        octaves = torch.split(self.spectrogram(x), self.bins_per_octave, dim=-1)
        z = torch.cat([conv(octave) for conv, octave in zip(self.conv_pres, octaves, strict=True)], dim=-1)
        features = []
        for conv in self.convs:
            z = F.leaky_relu(conv(z), 0.1)
            features.append(z)
        return Judgement(self.conv_post(z), features)

    def spectrogram(self, x: Tensor) -> Tensor:
        """Real and imaginary parts `(B, 2C, frames, bins)`."""
        spectra = self.cqt_transform(self.resample(x.float()).flatten(0, 1)).unflatten(0, x.shape[:2])
        return torch.cat([spectra[..., 0], spectra[..., 1]], dim=1).transpose(2, 3)


def _same(
    in_channels: int, out_channels: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), dilation: int = 1
) -> nn.Conv2d:
    padding = ((kernel[0] - 1) * dilation // 2, (kernel[1] - 1) // 2)
    return nn.Conv2d(in_channels, out_channels, kernel, stride, padding, (dilation, 1))


@build_discriminator.register
def _(config: BigVganDiscriminatorConfig, channels: int, sample_rate: int) -> BigVGANDiscriminator:
    options = config.config.model_dump(exclude={"cqtd_in_channels"})
    arguments = {key.removeprefix("cqtd_"): value for key, value in options.items()}
    return BigVGANDiscriminator(channels, sample_rate, **arguments)
