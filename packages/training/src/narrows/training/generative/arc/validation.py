"""The validation of a model distilled to few steps: how far what it makes is from the data, as a set.

Letters: B batch, D channels that are diffused, L latent frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from narrows.pipelines.metrics.distributions import frechet_of_moments
from narrows.training.data_iterator import Batch
from narrows.training.generative.arc.few_step import FEW_STEPS
from narrows.training.generative.diffusion_batch import BatchReader, DiffusionBatch
from narrows.training.generative.diffusion_forward import conditions, diffused
from narrows.training.generative.reference_losses import LatentMoments


def few_step_metrics(trainer: Any, model: Any, reader: BatchReader, batches: Iterable[Batch]) -> dict[str, float]:
    """Metrics over all batches of all processes; an item's seed is its place in the validation data.

    Args:
        trainer: gives device, precision and sums over processes.
        model: to validate, in evaluation mode.
        reader: of the batches.
        batches: of the validation data, not on the device yet.

    Returns:
        `latent_frechet`, the Fréchet distance of latent frames made and given, and `latent_std` of those made beside
        `latent_std/data`.
    """
    fabric = trainer.fabric
    given, made = LatentMoments(model.io_channels), LatentMoments(model.io_channels)
    seen = 0
    for signal, metadata in batches:
        batch = reader((fabric.to_device(signal), metadata))
        seeds = [(seen + i) * fabric.world_size + fabric.global_rank for i in range(len(batch.valid))]
        seen += len(seeds)
        with fabric.autocast():
            latents = diffused(model, batch, reader.recipe.options.pre_encoded)
            sampled = _sampled(trainer, model, batch, latents, seeds)
        inside = batch.regions.main.to(latents.device)
        given.add(latents, inside)
        made.add(sampled, inside)
    real, fake = given.mean_and_covariance(trainer.sum), made.mean_and_covariance(trainer.sum)
    if not seen:
        return {}
    spread = {name: float(c.diagonal().mean().sqrt()) for name, (_, c) in {"": fake, "/data": real}.items()}
    distance = {"latent_frechet": frechet_of_moments(*real, *fake)}
    return distance | {f"latent_std{name}": value for name, value in spread.items()}


def _sampled(trainer: Any, model: Any, batch: DiffusionBatch, latents: Tensor, seeds: list[int]) -> Tensor:
    defaults = trainer.config.generation
    asked = FEW_STEPS | ({} if defaults is None else defaults.model_dump(exclude_none=True))
    masked = model.mask_padding_attention and not bool(batch.valid.all())
    mask = {"padding_mask": batch.valid.to(latents.device)} if masked else {}
    tensors = conditions(model, batch, latents)
    sampled: Tensor = model.sample(tensors, latents.shape[-1], seed=seeds, batch_size=len(seeds), **asked, **mask)
    return sampled
