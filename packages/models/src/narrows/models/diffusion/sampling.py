"""Latents of a diffusion model: noise of each item's own seed, a sampler, and the shift of its times.

Letters: B batch, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from narrows.configs import FluxShiftConfig, FullShiftConfig, LogSNRShiftConfig, NoShiftConfig
from narrows.models.diffusion.backbones.base import Objective

SAMPLERS = {"v": "dpmpp-2m-sde", "rectified_flow": "euler", "rf_denoiser": "euler"}
"""What the reference samples with where nobody says."""
SHIFTS = {"full": FullShiftConfig, "flux": FluxShiftConfig, "logsnr": LogSNRShiftConfig, "none": NoShiftConfig}


@dataclass(frozen=True)
class Shifts:
    """How a document shifts times by length, as options by name."""

    training: Mapping[str, Any] | None = None
    """Acts where a sampler of the reference heeds a shift; None for none."""
    sampling: Mapping[str, Any] | None = None
    """Acts on equal steps, as in Stable Audio 3, where no schedule is asked for; None for what the sampler does."""

    def arguments(self, given: Mapping[str, Any], own_levels: bool = False) -> dict[str, Any]:
        """Arguments of a sampling, and the shift that they leave to the document.

        Args:
            given: what is asked for; None for what is not.
            own_levels: whether the sampler makes its own steps, so that there are no equal ones to act on.
        """
        options = {key: value for key, value in given.items() if value is not None}
        if self.sampling is not None and not own_levels and not {"schedule", "times", "shift"} & options.keys():
            return {**options, "schedule": "linear", "shift": shift_of(self.sampling)}
        return {"shift": shift_of(self.training), **options}


def sample_latents(
    predict: Any,
    like: Tensor,
    seeds: Sequence[int],
    objective: Objective,
    sampler: Any = None,
    lengths: Sequence[int] | None = None,
    **options: Any,
) -> Tensor:
    """Sample.

    Args:
        predict: of `(B, D, L)` and `(B,)`: the velocity, or a pair with it and `uncond_output` in a dictionary.
        like: `(B, D, L)`: shape, precision and device.
        seeds: one an item. An item's noise depends on its seed only: it is drawn on the CPU in float32.
        objective: what is predicted.
        sampler: name or configuration; None for what the reference takes by default.
        lengths: frames of each item, whose noise is that of an item of so many; None for L.
        options: further arguments of `narrows.models.diffusion.samplers.sample`.

    Returns:
        `(B, D, L)`.
    """
    noise = import_module("narrows.models.diffusion.noise").ItemNoise(seeds, lengths=lengths)
    run = import_module("narrows.models.diffusion.samplers").sample
    latents: Tensor = run(
        sampler or SAMPLERS[objective],
        predict,
        noise.gaussian(like),
        objective=objective,
        noise_source=noise,
        **options,
    )
    return latents


def makes_own_levels(sampler: Any, objective: Objective) -> bool:
    """Whether a sampler, None for what the reference takes by default, makes its own steps."""
    plan = import_module("narrows.models.diffusion.samplers.plan")
    own: bool = plan.find_sampler(plan.read_sampler(sampler or SAMPLERS[objective]).type).own_levels
    return own


def seeds_of(seed: int | Sequence[int] | None, count: int) -> list[int]:
    """A seed for each item: those given, counting up from the one given, or new ones.

    Raises:
        ValueError: there are more or fewer seeds than items.
    """
    if seed is None:
        source = random.SystemRandom()
        return [source.randrange(2**32) for _ in range(count)]
    if isinstance(seed, int):
        return [seed + index for index in range(count)]
    if len(seed) != count:
        raise ValueError(f"There are {len(seed)} seeds for {count} items")
    return list(seed)


def empty(batch: int, channels: int, frames: int, parameter: Tensor) -> Tensor:
    """`(B, D, L)` in the precision and on the device of a parameter."""
    return torch.empty(batch, channels, frames, device=parameter.device, dtype=parameter.dtype)


def filled(lengths: Sequence[int], like: Tensor) -> Tensor:
    """Which frames of `(B, D, L)` belong to items of such lengths: `(B, L)`.

    Raises:
        ValueError: there are more or fewer lengths than items, or one is not in 1 to L.
    """
    if len(lengths) != len(like) or not all(0 < length <= like.shape[-1] for length in lengths):
        raise ValueError(f"lengths must be {len(like)} numbers of frames up to {like.shape[-1]}, got {list(lengths)}")
    return torch.arange(like.shape[-1], device=like.device) < torch.tensor(lengths, device=like.device)[:, None]


def shift_of(options: Mapping[str, Any] | None) -> Any:
    """The `Shift` of options by name, as a model keeps them; None for None and for the type `none`."""
    if options is None:
        return None
    typed = SHIFTS[options["type"]](**options)
    return import_module("narrows.models.diffusion.shifts").create_shift_from_config(typed)
