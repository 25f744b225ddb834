"""The validation of a diffusion: its loss at fixed noise levels, with fixed noise, beside that of simple predictors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from narrows.models.diffusion.noise import ItemNoise
from narrows.models.diffusion.process import process_of
from narrows.training.data_iterator import Batch
from narrows.training.generative.diffusion_batch import BatchReader, DiffusionBatch
from narrows.training.generative.diffusion_forward import conditions, diffused, losses, predict
from narrows.training.generative.noising import Noising
from narrows.training.generative.reference_losses import LatentMoments, best_losses
from narrows.training.modes import evaluation_mode

TIMES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""As in stable-audio-tools."""


def validated(trainer: Any, model: Any, reader: BatchReader, batches: Iterable[Batch]) -> dict[str, float]:
    """Metrics over all batches of all processes.

    An item's noise depends on its place in the validation data, so that every validation is of the same.

    Args:
        trainer: gives device, precision, raw weights and sums over processes.
        model: to validate, in evaluation mode.
        reader: of the batches.
        batches: of the validation data, not on the device yet.

    Returns:
        `loss`, the mean over noise levels, with those of the best constant and the best Gaussian predictor; the same by
        level as `time_0.5/...`; and where there is an average of the weights, `loss/raw` of the weights themselves.
    """
    fabric, moments = trainer.fabric, LatentMoments(model.io_channels)
    raw = trainer.model if model is not trainer.model else None
    models = {"loss": model} | ({} if raw is None else {"raw": raw})
    sums = {name: torch.zeros(len(TIMES), dtype=torch.float64) for name in models}
    counts, seen = torch.zeros((), dtype=torch.float64), 0
    for signal, metadata in batches:
        batch = reader((fabric.to_device(signal), metadata))
        with fabric.autocast():
            latents = diffused(model, batch, reader.recipe.options.pre_encoded)
        noise = ItemNoise([(seen + i) * fabric.world_size + fabric.global_rank for i in range(len(latents))])
        seen += len(latents)
        drawn = noise.gaussian(latents)
        for name, one in models.items():
            sums[name] += _at_all_times(fabric, one, batch, latents, drawn)
        counts += batch.counts.double().sum()
        moments.add(latents, batch.regions.main.to(latents.device))
    return _figures(trainer, sums, counts, moments, model)


def _at_all_times(fabric: Any, model: Any, batch: DiffusionBatch, latents: Tensor, noise: Tensor) -> Tensor:
    noising = Noising(model.diffusion_objective)
    found = []
    with evaluation_mode(model), fabric.autocast():
        tensors = conditions(model, batch, latents)
        for time in TIMES:
            noisy = noising.at(latents, noise, torch.full((len(latents),), time, device=latents.device))
            each = losses(predict(model, noisy, tensors, batch), noisy.target, batch).cpu().double()
            found.append((each * batch.counts).sum())
    return torch.stack(found)


def _figures(
    trainer: Any, sums: dict[str, Tensor], counts: Tensor, moments: LatentMoments, model: Any
) -> dict[str, float]:
    whole = trainer.sum(counts).cpu()
    by_name = {name: trainer.sum(value).cpu() / whole for name, value in sums.items()}
    variances = moments.variances(trainer.sum)
    if not whole:
        return {}
    process = process_of(model.diffusion_objective)
    best = [best_losses(process, variances, time) for time in TIMES]
    by_name["constant"] = torch.tensor([constant for constant, _ in best])
    by_name["gaussian"] = torch.tensor([gaussian for _, gaussian in best])
    figures = {"loss" if name == "loss" else f"loss/{name}": float(value.mean()) for name, value in by_name.items()}
    for place, time in enumerate(TIMES):
        figures |= {f"time_{time}/{name}": float(value[place]) for name, value in by_name.items()}
    return figures
