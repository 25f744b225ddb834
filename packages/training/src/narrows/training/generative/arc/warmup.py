"""The warm-up on a teacher: the model learns the end of the teacher's trajectories from any point on them, in one step.

Letters: B batch, D channels that are diffused, L latent frames, S steps of a trajectory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from narrows.losses.diffusion import Regions
from narrows.models.diffusion.samplers import sample_steps
from narrows.models.diffusion.sampling import Shifts
from narrows.training.distributed.fabric import gathered_objects
from narrows.training.generative.diffusion_batch import DiffusionBatch
from narrows.training.generative.diffusion_forward import conditions
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.noising import Noisy

SAMPLER = "dpmpp"
"""Of the trajectories, as in stable-audio-tools."""


@dataclass
class Trajectories:
    """The teacher's ways from noise to sounds, of the items of one batch; tensors on the CPU, the batch first."""

    batch: DiffusionBatch
    """Conditions and masks."""
    latents: Tensor
    """Of which an inpainting model is told what it keeps, `(B, D, L)`; without frames for other models."""
    x: Tensor
    """Signals on the way, `(B, S, D, L)`."""
    time: Tensor
    """Their times, `(B, S)`."""
    target: Tensor
    """Where the way ends, `(B, D, L)`."""

    def points(self, draws: StepDraws, device: torch.device) -> tuple[DiffusionBatch, Noisy]:
        """A random point on each way, and the batch with the draws of this step."""
        items, steps = self.time.shape
        chosen = draws.by_item("point", items, lambda n, generator: torch.randint(steps, (n,), generator=generator))
        rows = torch.arange(items)
        target = self.target.to(device)
        noisy = Noisy(self.x[rows, chosen].to(device), self.time[rows, chosen].to(device), target)
        return replace(self.batch, draws=draws), noisy


@torch.no_grad()
def trajectories(teacher: Any, batch: DiffusionBatch, latents: Tensor, steps: int, cfg: float) -> Trajectories:
    """What a teacher makes of the conditions of a batch, with all steps on the way.

    Args:
        teacher: a diffusion model, in evaluation mode on the device of the latents.
        batch: to train on.
        latents: `(B, D, L)`; shape, and what an inpainting model keeps.
        steps: of its sampler.
        cfg: guidance.
    """
    assert batch.draws is not None, "a batch to train on"
    tensors = conditions(teacher, batch, latents)
    inputs = teacher.get_conditioning_inputs(tensors) if teacher.conditioned(tensors) else {}
    masked = teacher.mask_padding_attention and not bool(batch.valid.all())
    mask = batch.valid.to(latents.device) if masked else None
    length = batch.lengths if teacher.use_effective_length_for_schedule else None
    shifts = Shifts(teacher.distribution_shift, teacher.sampling_distribution_shift)
    way = list(
        sample_steps(
            SAMPLER,
            lambda x, t: teacher.predict(x, t, inputs, cfg_scale=cfg, padding_mask=mask),
            batch.draws.gaussian(latents, "trajectory"),
            objective=teacher.diffusion_objective,
            **shifts.arguments({"steps": steps, "length": length}),
        )
    )
    return Trajectories(
        batch=replace(batch, signal=batch.signal[:, :, :0], sounding=None, draws=None),
        latents=(latents if batch.kept is not None else latents[:, :, :0]).cpu(),
        x=torch.stack([step.x for step in way], 1).cpu(),
        time=torch.stack([step.level for step in way], 1).float().cpu(),
        target=way[-1].result.cpu(),
    )


def state_of(fabric: Any, ways: Trajectories) -> dict[str, Any]:
    """Tensors and plain values of the trajectories of all processes, by the place of an item; all processes call it."""
    batch = ways.batch
    regions = batch.regions
    own: dict[str, Any] = {
        **{name: getattr(ways, name) for name in ("latents", "x", "time", "target")},
        **{"valid": batch.valid, "main": regions.main, "other": regions.other, "counts": batch.counts},
        "conditions": batch.conditions,
        "lengths": batch.lengths,
    }
    own |= {} if batch.kept is None else {"kept": batch.kept}
    everyone = gathered_objects(fabric, own)
    together = {name: _dealt([each[name] for each in everyone]) for name in own}
    return together | {"other_weight": regions.other_weight, "apart": regions.apart}


def from_state(fabric: Any, state: Mapping[str, Any]) -> Trajectories:
    """The trajectories of this process."""
    own: dict[str, Any] = {
        name: value[fabric.global_rank :: fabric.world_size]
        for name, value in state.items()
        if isinstance(value, Tensor | list)
    }
    regions = Regions(own["main"], own["other"], state["other_weight"], state["apart"])
    batch = DiffusionBatch(
        signal=own["latents"][:, :, :0],
        sounding=None,
        valid=own["valid"],
        regions=regions,
        counts=own["counts"],
        kept=own.get("kept"),
        lengths=own["lengths"],
        conditions=own["conditions"],
    )
    return Trajectories(batch, own["latents"], own["x"], own["time"], own["target"])


def _dealt(parts: Sequence[Any]) -> Any:
    """Items of several processes by their place: item i of process r of n has place i n + r."""
    if isinstance(parts[0], Tensor):
        return torch.stack(list(parts), 1).flatten(0, 1)
    return [item for group in zip(*parts, strict=True) for item in group]
