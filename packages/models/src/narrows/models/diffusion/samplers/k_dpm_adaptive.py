"""DPM-Solver-23 (Lu et al. 2022) with steps as long as an estimate of their error allows.

It ends at the least level of noise, as in k-diffusion, not at the signal. There one step is chosen for a whole batch,
so that an item's result depends on the others; here each item has its own steps, unless `shared` is set.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers import dpm_solver
from narrows.models.diffusion.samplers.base import Model, Sampler, SamplerError, Step

ACCEPTED = 0.81
"""A step is taken when the next one may be at least this much of its length."""
FIRST = 0.05
"""Length of the first step, in the logarithm of noise."""
CLOSE = 1e-5
"""Distance from the end, in the logarithm of noise, at which it is reached."""


def dpm_adaptive(
    denoiser: Model,
    x: Tensor,
    levels: Tensor,
    noise: NoiseSource,
    rtol: float = 0.01,
    atol: float = 0.01,
    max_steps: int = 10000,
    shared: bool = False,
) -> Iterator[Step]:
    """Steps of order 3, whose error is their difference from order 2.

    Args:
        denoiser: the model.
        x: `(B, C, T)`.
        levels: `(B, 2)`, the first level and the last.
        noise: not used.
        rtol: error of a step, relative to the signal.
        atol: error of a step.
        max_steps: after which it gives up, rejected ones included.
        shared: one error, and so one step, for the whole batch.

    Raises:
        SamplerError: the error is not a number, or there were `max_steps` steps.
    """
    place, end = (-torch.log(levels)).unbind(1)
    length, low = torch.full_like(place, FIRST), x
    for index in range(max_steps):
        running = place < end - CLOSE
        if not running.any():
            return
        # Items that have arrived are computed along, as the model knows the batch as a whole, and stay as they are.
        target = torch.where(running, torch.minimum(end, place + length), place + FIRST)
        eps = dpm_solver.residue(denoiser, x, place)
        denoised = x - spread(torch.exp(-place), x) * eps
        lower, higher = _step(denoiser, x, eps, place, target)
        error = _error(lower, higher, low, rtol, atol, shared)
        factor = 1 + torch.atan((error + 1e-8) ** (-1 / 3) - 1)
        taken = running & (factor >= ACCEPTED)
        keep = spread(taken, x).bool()
        low, result = torch.where(keep, lower, low), torch.where(keep, higher, x)
        length = torch.where(running, length * factor, length)
        before, place = place, torch.where(taken, target, place)
        info = {"error": error, "h": length, "accepted": taken}
        yield Step(index, None, torch.exp(-before), torch.exp(-place), x, result, denoised, info)
        x = result
    if (place < end - CLOSE).any():
        raise SamplerError(f"k-dpm-adaptive has not arrived after {max_steps} steps: raise rtol, atol or max_steps")


def _step(denoiser: Model, x: Tensor, eps: Tensor, start: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
    third = start + (end - start) / 3
    inner = dpm_solver.residue(denoiser, dpm_solver.first(x, eps, start, third), third)
    lower = dpm_solver.second(x, eps, inner, start, end, ratio=1 / 3)
    return lower, dpm_solver.third(denoiser, x, eps, inner, start, end)


def _error(lower: Tensor, higher: Tensor, low: Tensor, rtol: float, atol: float, shared: bool) -> Tensor:
    """Root mean square of the difference `(B,)`, in multiples of what is allowed."""
    allowed = (rtol * torch.maximum(lower.abs(), low.abs())).clamp(min=atol)
    means = ((lower - higher) / allowed).square().flatten(1).mean(1).cpu().double()
    mean = means.mean().expand(len(means)) if shared else means
    if not bool(mean.isfinite().all()):
        raise SamplerError("k-dpm-adaptive cannot go on: the model's output is not finite")
    return mean.sqrt()


SAMPLER = Sampler("sigma", dpm_adaptive, options=("rtol", "atol", "max_steps"), own_levels=True)
