"""The forward pass of a training step of a diffusion: latents, noise, conditions, prediction and loss.

Letters: B batch, D channels that are diffused, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from narrows.losses.diffusion import LearnedWeighting, item_losses, min_snr_weights, squared_errors
from narrows.models.diffusion.inpainting import inpainting_conditions
from narrows.models.diffusion.routing import Conditions, emptied
from narrows.training.generative.diffusion_batch import DiffusionBatch
from narrows.training.generative.diffusion_recipe import DiffusionRecipe
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.noising import Noising, Noisy
from narrows.training.generative.stored import stored_latents
from narrows.training.masks import silenced


class DiffusionForward(nn.Module):
    """From a batch to its losses.

    Args:
        model: the diffusion model.
        recipe: how it is trained.
        weighting: learned weights of the loss; None for none.
    """

    def __init__(self, model: Any, recipe: DiffusionRecipe, weighting: LearnedWeighting | None = None) -> None:
        super().__init__()
        self.model, self.weighting = model, weighting
        self.recipe = recipe
        options = recipe.options
        self.noising = Noising(
            model.diffusion_objective,
            options.timestep_sampler,
            options.timestep_sampler_options.model_dump(),
            options.p_one_shot,
            model.distribution_shift,
            options.ot_coupling,
        )

    def forward(self, batch: DiffusionBatch) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """Losses of the items.

        Returns:
            The losses to minimise `(B,)`, the plain ones `(B,)`, the times `(B,)`, and deviations of latents and
            targets.
        """
        options, draws = self.recipe.options, batch.draws
        assert draws is not None, "a batch to train on"
        latents = diffused(self.model, batch, options.pre_encoded)
        noisy = self.noising(latents, batch.lengths, draws, batch.valid.to(latents.device))
        predicted = predict_to_learn(self.model, noisy, latents, batch, options)
        plain = losses(predicted, noisy.target, batch, options.loss_normalization, options.loss_norm_eps)
        inside = batch.regions.main.to(latents.device)
        spread = {"latent_std": _std(latents, inside), "target_std": _std(noisy.target, inside)}
        return self._weighted(plain, noisy.time), plain, noisy.time, spread

    def _weighted(self, plain: Tensor, time: Tensor) -> Tensor:
        if self.weighting is not None:
            return self.weighting(plain, time)  # type: ignore[no-any-return]
        if self.recipe.options.loss_weighting == "none":
            return plain
        process = self.noising.process
        return plain * min_snr_weights(process.signal(time), process.noise(time), self.recipe.options.min_snr_gamma)


def diffused(model: Any, batch: DiffusionBatch, pre_encoded: bool) -> Tensor:
    """What is diffused of a batch, `(B, D, L)`.

    Args:
        model: the diffusion model.
        batch: audio, or latents as its pretransform's autoencoder gives them.
        pre_encoded: whether they are latents.
    """
    if pre_encoded:
        return stored_latents(model, batch.signal)
    mask = batch.sounding
    audio = silenced(batch.signal, None if mask is None else mask.to(batch.signal.device))
    audio = nn.functional.pad(audio, (0, -audio.shape[-1] % model.downsampling_ratio))
    trained = model.pretransform is not None and model.pretransform.enable_grad
    # In full precision: otherwise other latents than those of the same data stored would be learnt.
    with torch.set_grad_enabled(torch.is_grad_enabled() and trained), torch.autocast(audio.device.type, enabled=False):
        latents: Tensor = model.encode(audio)
    return latents.to(audio.dtype)


def conditions(model: Any, batch: DiffusionBatch, latents: Tensor) -> dict[str, Any]:
    """What conditioners and masks tell the network, by id."""
    tensors = {} if model.conditioner is None else dict(model.conditioner(batch.conditions, latents.device))
    return tensors if batch.kept is None else tensors | inpainting_conditions(latents, batch.kept)


def dropped(tensors: Conditions, shares: Mapping[str, float], draws: StepDraws) -> Conditions:
    """Conditions that items lose one by one, by the share of items and the id."""
    out = dict(tensors)
    for name, share in shares.items():
        out[name] = emptied(out[name], draws.uniform(f"dropout of {name}", len(out[name][0])) < share)
    return out


def predict(model: Any, noisy: Noisy, tensors: Conditions, batch: DiffusionBatch, **options: Any) -> Tensor:
    """The velocity that the network predicts, `(B, D, L)`."""
    inputs = model.get_conditioning_inputs(tensors) if model.conditioned(tensors) else {}
    mask = None
    if model.mask_padding_attention and not bool(batch.valid.all()):
        mask = batch.valid.to(noisy.x.device)
    return model.predict(noisy.x, noisy.time, inputs, padding_mask=mask, **options)  # type: ignore[no-any-return]


def predict_to_learn(model: Any, noisy: Noisy, latents: Tensor, batch: DiffusionBatch, options: Any) -> Tensor:
    """The velocity that the network predicts in a step of training, `(B, D, L)`: some conditions are dropped.

    Args:
        model: the diffusion model.
        noisy: what it sees.
        latents: `(B, D, L)`, of which an inpainting model is told what it keeps.
        batch: conditions, masks and draws.
        options: the typed `training` section.
    """
    assert batch.draws is not None, "a batch to train on"
    return predict(
        model,
        noisy,
        dropped(conditions(model, batch, latents), options.condition_dropout, batch.draws),
        batch,
        cfg_dropout_prob=options.cfg_dropout_prob,
        cfg_dropout_joint=options.cfg_dropout_joint,
        generator=batch.draws.own("dropout"),
    )


def losses(
    predicted: Tensor, target: Tensor, batch: DiffusionBatch, normalization: Any = "none", eps: float = 1e-6
) -> Tensor:
    """The loss of each item, `(B,)`, float32."""
    given = batch.regions
    regions = given._replace(main=given.main.to(target.device), other=given.other.to(target.device))
    errors = squared_errors(predicted, target, regions.main, normalization, eps)
    return item_losses(errors, regions)


def _std(values: Tensor, inside: Tensor) -> Tensor:
    """The deviation inside; sums over a mask wait for no GPU, where choosing values would."""
    values, mask = values.detach().float(), inside[:, None].float()
    count = mask.sum() * values.shape[1]
    mean = (values * mask).sum() / count.clamp(min=1)
    return (((values - mean).square() * mask).sum() / (count - 1).clamp(min=1)).sqrt()
