"""What every discriminator is.

Letters: B batch, C channels, T samples (or latent frames).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from narrows.losses.adversarial import Objective


class Judgement(NamedTuple):
    """What one sub-discriminator says."""

    score: Tensor
    """Higher for originals; any shape that starts with the batch."""
    features: list[Tensor]
    """Its inner maps, which feature matching compares."""

    def detached(self) -> Judgement:
        """The same, without gradients."""
        return Judgement(self.score.detach(), [feature.detach() for feature in self.features])

    def halves(self) -> tuple[Judgement, Judgement]:
        """Of a batch of originals followed by as many reconstructions: each half's."""
        first_score, second_score = self.score.chunk(2)
        pairs = [feature.chunk(2) for feature in self.features]
        return (
            Judgement(first_score, [first for first, _ in pairs]),
            Judgement(second_score, [second for _, second in pairs]),
        )


class Discriminator(nn.Module, ABC):
    """Tells originals from reconstructions. One call gives its own loss, another the generator's.

    Args:
        objective: what scores mean for either side.
    """

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self.objective = objective

    @abstractmethod
    def judge(self, x: Tensor) -> list[Judgement]:
        """What each sub-discriminator says of signals `(B, C, T)`."""

    def forward(self, x: Tensor) -> list[Judgement]:
        """As `judge`."""
        return self.judge(x)

    def discriminator_loss(self, reals: Tensor, fakes: Tensor) -> Tensor:
        """Loss of the discriminator, a scalar; no gradient reaches the signals.

        Args:
            reals: originals, `(B, C, T)`.
            fakes: reconstructions of the same shape.
        """
        return self._discriminator_loss(*self._judge_both(reals, fakes))

    def generator_losses(self, reals: Tensor, fakes: Tensor) -> tuple[Tensor, Tensor]:
        """Adversarial loss and feature distance, two scalars; no gradient reaches the discriminator's parameters.

        Args:
            reals: originals, `(B, C, T)`.
            fakes: reconstructions of the same shape.
        """
        with torch.no_grad():
            real = self.judge(reals)
        return self._generator_losses(real, fakes)

    def loss(self, reals: Tensor, fakes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Discriminator loss, adversarial loss and feature distance, for steps in which both sides learn from a batch.

        The values are those of the two methods above, and so is where gradients go; originals are judged once for
        both sides.
        """
        real, fake = self._judge_both(reals, fakes)
        return self._discriminator_loss(real, fake), *self._generator_losses(real, fakes)

    def joint_losses(self, reals: Tensor, fakes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three losses of `loss`, with reconstructions, too, judged once for both sides.

        All three have gradients at the reconstructions and at the parameters. Whoever takes them says which are
        wanted: `discriminator.backward(inputs=parameters)`, and `inputs=[fakes]` for the other two.
        """
        real, fake = self.judge(reals), self.judge(fakes)
        fixed = [judgement.detached() for judgement in real]
        generator = self._adversarial_loss(fixed, fake), self.feature_distance(fixed, fake)
        return self._discriminator_loss(real, fake), *generator

    def feature_distance(self, real: list[Judgement], fake: list[Judgement]) -> Tensor:
        """Mean absolute difference of features, averaged over maps, then over sub-discriminators."""
        means = [
            torch.stack([self.map_distance(a, b) for a, b in zip(r.features, f.features, strict=True)]).mean()
            for r, f in zip(real, fake, strict=True)
            if r.features
        ]
        return torch.stack(means).mean() if means else real[0].score.new_zeros(())

    def map_distance(self, real: Tensor, fake: Tensor) -> Tensor:
        """Distance of two feature maps."""
        return (real - fake).abs().mean()

    def _judge_both(self, reals: Tensor, fakes: Tensor) -> tuple[list[Judgement], list[Judgement]]:
        """Judgements of originals and of detached reconstructions, from one batch of both."""
        if reals.shape != fakes.shape:
            raise ValueError(f"Originals {tuple(reals.shape)} and reconstructions {tuple(fakes.shape)} differ in shape")
        halves = [judgement.halves() for judgement in self.judge(torch.cat([reals, fakes]).detach())]
        return [real for real, _ in halves], [fake for _, fake in halves]

    def _generator_losses(self, real: list[Judgement], fakes: Tensor) -> tuple[Tensor, Tensor]:
        real = [judgement.detached() for judgement in real]
        with frozen(self):
            fake = self.judge(fakes)
        return self._adversarial_loss(real, fake), self.feature_distance(real, fake)

    def _discriminator_loss(self, real: list[Judgement], fake: list[Judgement]) -> Tensor:
        pairs = zip(real, fake, strict=True)
        return torch.stack([self.objective.discriminator(r.score, f.score) for r, f in pairs]).mean()

    def _adversarial_loss(self, real: list[Judgement], fake: list[Judgement]) -> Tensor:
        pairs = zip(real, fake, strict=True)
        return torch.stack([self.objective.generator(r.score, f.score) for r, f in pairs]).mean()


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Compute no gradients of a module's parameters inside."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)
