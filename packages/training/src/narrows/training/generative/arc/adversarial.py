"""The two sides of adversarial post-training, and the noise that their signals get.

The generator makes a clean signal of a noisy one in a single step. The discriminator sees it and the data with the same
noise, and says which is which: its scores are compared pair by pair (Jolicoeur-Martineau 2018), and, contrastively,
scores of the data under their own prompt with those under another's.

Letters: B batch, D channels that are diffused, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.losses.adversarial import RELATIVISTIC
from narrows.models.diffusion.inpainting import inpainting_conditions
from narrows.models.diffusion.process import noised, process_of
from narrows.models.diffusion.timesteps import draw_times
from narrows.training.generative.arc.judge import LatentJudge
from narrows.training.generative.diffusion_batch import DiffusionBatch
from narrows.training.generative.diffusion_forward import predict_to_learn
from narrows.training.generative.diffusion_recipe import DiffusionRecipe
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.noising import Noisy
from narrows.training.step_result import Scalars

LOGSNR = {"min_logsnr": -6.0, "max_logsnr": 2.0}
"""Range of `logsnr_uniform`, as in stable-audio-tools."""
SPREAD = 0.05
"""Deviation of the noise by which the gradient penalties are approximated, as in stable-audio-tools."""
PROMPT = "prompt"
"""The condition that the contrastive term exchanges."""


def drawn_times(kind: str, count: int, draws: StepDraws, name: str) -> Tensor:
    """Times of the items of this process `(B,)`, of a `noise_dist`.

    Args:
        kind: a timestep sampler, or `one_shot` (pure noise), `denoised` (none) or `logsnr_uniform`.
        count: B.
        draws: of the step.
        name: of the draw.
    """
    if kind in {"one_shot", "denoised"}:
        return torch.full((count,), float(kind == "one_shot"))
    return draws.by_item(name, count, partial(_drawn, kind))


def _drawn(kind: str, count: int, generator: Generator) -> Tensor:
    if kind == "logsnr_uniform":
        return draw_times("log_snr_uniform", count, generator, **LOGSNR)
    return draw_times(kind, count, generator)


class OneStep(nn.Module):
    """The generator: the clean signal that the model means, in one step.

    Args:
        model: the diffusion model.
        recipe: how it is trained.
    """

    def __init__(self, model: Any, recipe: DiffusionRecipe) -> None:
        super().__init__()
        self.model, self.recipe = model, recipe
        self.process = process_of(model.diffusion_objective)

    def forward(self, batch: DiffusionBatch, latents: Tensor, noisy: Noisy) -> Tensor:
        """`(B, D, L)`.

        Args:
            batch: conditions, masks and draws.
            latents: `(B, D, L)`, of which an inpainting model is told what it keeps.
            noisy: signal and times to start from.
        """
        velocity = predict_to_learn(self.model, noisy, latents, batch, self.recipe.options)
        return self.process.clean_of(noisy.x, velocity, noisy.time)


class Judging(nn.Module):
    """What a discriminator says of a batch and of what the generator made of it: the losses of both sides.

    Args:
        judge: the discriminator.
        config: the typed `arc` section.
    """

    def __init__(self, judge: LatentJudge, config: Any) -> None:
        super().__init__()
        self.judge = judge
        self.times, self.options = config.noise_dist.discriminator, config.discriminator
        self.process = process_of(judge.base.diffusion_objective)

    def forward(self, latents: Tensor, made: Tensor, batch: DiffusionBatch, exchange: Exchange | None) -> Scalars:
        """Losses of the discriminator, to be added up.

        Args:
            latents: the data, `(B, D, L)`.
            made: of the generator.
            batch: conditions, masks and draws.
            exchange: conditions with the prompts of other items; None for no contrastive term.
        """
        time, real, fake = self._noisy(latents, made, batch)
        given = self._conditions(batch.conditions, latents, batch)
        valid = self._valid(batch, latents)
        of_real, of_fake = self.judge(real, time, given, valid), self.judge(fake, time, given, valid)
        weights = self.options.weights
        losses = {"relativistic": RELATIVISTIC.discriminator(of_real, of_fake) * weights.discriminator}
        if self.options.include_grad_penalties:
            assert batch.draws is not None
            around = [
                x + SPREAD * batch.draws.gaussian(x, f"around {name}") for x, name in ((real, "real"), (fake, "fake"))
            ]
            changes = [self.judge(x, time, given, valid) - of for x, of in zip(around, (of_real, of_fake), strict=True)]
            # A mean over the scores, so that the penalty does not grow with the length as in stable-audio-tools.
            losses["gradient_penalty"] = torch.stack([change.square().mean() for change in changes]).mean()
        if exchange is not None:
            other = self.judge(real, time, self._conditions(exchange.conditions, latents, batch), valid)
            losses["contrastive"] = weights.contrastive * contrast(of_real, other, exchange.weights)
        return losses

    def generator_loss(self, latents: Tensor, made: Tensor, batch: DiffusionBatch) -> Tensor:
        """Loss of the generator, a scalar; to be called with the discriminator frozen."""
        time, real, fake = self._noisy(latents, made, batch)
        given, valid = self._conditions(batch.conditions, latents, batch), self._valid(batch, latents)
        with torch.no_grad():
            of_real = self.judge(real, time, given, valid)
        loss = RELATIVISTIC.generator(of_real, self.judge(fake, time, given, valid))
        weighted: Tensor = loss * self.options.weights.generator
        return weighted

    def _noisy(self, latents: Tensor, made: Tensor, batch: DiffusionBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Times, and both signals with the same noise."""
        assert batch.draws is not None, "a batch to train on"
        time = drawn_times(self.times, len(latents), batch.draws, "judged time").to(latents.device)
        noise = batch.draws.gaussian(latents, "judged noise")
        return time, noised(self.process, latents, noise, time), noised(self.process, made, noise, time)

    def _conditions(self, given: Sequence[Mapping[str, Any]], latents: Tensor, batch: DiffusionBatch) -> dict[str, Any]:
        tensors = self.judge.conditions(given, latents.device)
        return tensors if batch.kept is None else tensors | inpainting_conditions(latents, batch.kept)

    def _valid(self, batch: DiffusionBatch, latents: Tensor) -> Tensor | None:
        masked = self.judge.base.mask_padding_attention and not bool(batch.valid.all())
        return batch.valid.to(latents.device) if masked else None


def contrast(own: Tensor, other: Tensor, weights: Tensor) -> Tensor:
    """Relativistic loss of scores under the own prompt against those under another, a scalar.

    Args:
        own: `(B, P)`.
        other: `(B, P)`.
        weights: of the items, `(B,)`.
    """
    each = F.softplus(other - own).mean(1)
    return (each * weights.to(each)).sum()


class Exchange(NamedTuple):
    """The conditions of a batch with the prompts of other items."""

    conditions: list[dict[str, Any]]
    weights: Tensor
    """`(B,)`, 0 for items whose other prompt is the same one, of which nothing is to be learnt. Averaged over the
    processes, the weighted sum is the mean over all other items."""


def exchanged(given: Sequence[Mapping[str, Any]], everyone: Sequence[Any], rank: int, world: int) -> Exchange:
    """Conditions with the prompt of the next item of all processes.

    Args:
        given: conditions of the items of this process.
        everyone: prompts of the items of all processes, by their place.
        rank: of this process.
        world: number of processes.
    """
    total = len(everyone)
    differs = [repr(everyone[place]) != repr(everyone[(place + 1) % total]) for place in range(total)]
    places = [index * world + rank for index in range(len(given))]
    weights = [differs[place] * world / max(1, sum(differs)) for place in places]
    items = [{**item, PROMPT: everyone[(place + 1) % total]} for item, place in zip(given, places, strict=True)]
    return Exchange(items, torch.tensor(weights))
