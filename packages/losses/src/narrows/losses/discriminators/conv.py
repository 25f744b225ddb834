"""A small convolutional discriminator of latents or features (stable-audio-tools, adversarial post-training)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.configs import ConvARCDiscriminatorConfig
from narrows.losses.adversarial import objective
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator


class ConvDiscriminator(Discriminator):
    """Four strided convolutions with group normalisation, then one to a score. It offers no features to match.

    Args:
        channels: of the latents; a multiple of 32.
        soft_clip_scale: squash scores to this range by a tanh.
        loss_type: `lsgan`, `hinge` or `relativistic`.

    Shape:
        `(B, C, L)` → scores `(B, 1, L / 16 - 3)`
    """

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(self, channels: int, soft_clip_scale: float | None = None, loss_type: str = "lsgan") -> None:
        super().__init__(objective(loss_type))
        if channels % 32:
            raise ValueError(
                f"The discriminator normalises in 32 groups, so channels must be a multiple, got {channels}"
            )
        self.soft_clip_scale = soft_clip_scale
        layers: list[nn.Module] = []
        for _ in range(4):
            layers += [nn.Conv1d(channels, channels, 4, stride=2, padding=1), nn.GroupNorm(32, channels), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Conv1d(channels, 1, 4))

    def judge(self, x: Tensor) -> list[Judgement]:
        """Scores along time."""
        score: Tensor = self.layers(x)
        if self.soft_clip_scale is not None:
            score = self.soft_clip_scale * torch.tanh(score / self.soft_clip_scale)
        return [Judgement(score, [])]


@build_discriminator.register
def _(config: ConvARCDiscriminatorConfig, channels: int, sample_rate: int) -> ConvDiscriminator:
    return ConvDiscriminator(channels, **config.config.model_dump())
