"""The waveform discriminator of Oobleck: three scales (MelGAN, Kumar et al. 2019), five periods (HiFi-GAN, 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from narrows.configs import OobleckDiscriminatorConfig
from narrows.losses.adversarial import objective
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator

PERIODS = (2, 3, 5, 7, 11)
SCALES = 3


class OobleckDiscriminator(Discriminator):
    """One score a signal: the mean over positions, summed over sub-discriminators.

    Args:
        in_channels: audio channels.
        loss_type: `hinge`, `lsgan` or `rpgan`.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, in_channels: int = 1, loss_type: str = "hinge") -> None:
        super().__init__(objective(loss_type))
        self.multi_discriminator = nn.Module()
        self.multi_discriminator.discriminators = nn.ModuleList(
            [_Scales(in_channels, SCALES), _Periods(in_channels, PERIODS)]
        )

    def judge(self, x: Tensor) -> list[Judgement]:
        """A single judgement with the features of all sub-discriminators."""
        judgements = [j for group in self.multi_discriminator.discriminators for j in group(x)]  # type: ignore[union-attr]
        score = torch.stack([judgement.score for judgement in judgements]).sum(0)
        return [Judgement(score, [feature for judgement in judgements for feature in judgement.features])]

    def feature_distance(self, real: list[Judgement], fake: list[Judgement]) -> Tensor:
        """The sum over feature maps, as in the reference, not their mean."""
        return super().feature_distance(real, fake) * len(real[0].features)


class _Scales(nn.Module):
    """The waveform, and twice its halved version."""

    def __init__(self, in_channels: int, scales: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_ConvNet(in_channels, nn.Conv1d) for _ in range(scales))

    def forward(self, x: Tensor) -> list[Judgement]:
        judgements = []
        for layer in self.layers:
            judgements.append(layer(x))
            x = F.avg_pool1d(x, 2)
        return judgements


class _Periods(nn.Module):
    """The waveform folded into rows of a period."""

    def __init__(self, in_channels: int, periods: Sequence[int]) -> None:
        super().__init__()
        self.periods = tuple(periods)
        self.layers = nn.ModuleList(_ConvNet(in_channels, nn.Conv2d) for _ in periods)

    def forward(self, x: Tensor) -> list[Judgement]:
        return [layer(self._fold(x, n)) for layer, n in zip(self.layers, self.periods, strict=True)]

    @staticmethod
    def _fold(x: Tensor, period: int) -> Tensor:
        x = F.pad(x, (0, -x.shape[-1] % period))
        return x.reshape(*x.shape[:-1], -1, period)


class _ConvNet(nn.Module):
    """Four strided convolutions that double the width, then one to a score. Features are taken before activations."""

    def __init__(self, in_channels: int, convolution: type[nn.Conv1d] | type[nn.Conv2d]) -> None:
        super().__init__()
        widths = [in_channels, 32, 64, 128, 256]
        layers: list[nn.Module] = []
        for wide_in, wide_out in pairwise(widths):
            # Periods stride along both axes with square kernels, as the reference does for a plain kernel size.
            layers += [weight_norm(convolution(wide_in, wide_out, 15, stride=4, padding=7)), nn.SiLU()]
        self.net = nn.ModuleList([*layers, convolution(widths[-1], 1, 1)])

    def forward(self, x: Tensor) -> Judgement:
        features = []
        for layer in self.net:
            x = layer(x)
            if not isinstance(layer, nn.SiLU):
                features.append(x)
        return Judgement(x.flatten(1).mean(-1), features)


@build_discriminator.register
def _(config: OobleckDiscriminatorConfig, channels: int, sample_rate: int) -> OobleckDiscriminator:
    return OobleckDiscriminator(channels, config.config.loss_type)
