"""Times and noise of a training step of a diffusion.

Letters: B batch, D channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from narrows.models.diffusion.process import noised, process_of
from narrows.models.diffusion.sampling import shift_of
from narrows.models.diffusion.shifts.base import Shift
from narrows.models.diffusion.timesteps import draw_times
from narrows.training.generative.coupling import paired
from narrows.training.generative.draws import StepDraws


class Noisy(NamedTuple):
    """A batch with noise; a tuple, since Fabric converts the precision of tensors within tuples only."""

    x: Tensor
    """`(B, D, L)`."""
    time: Tensor
    """`(B,)`, float32."""
    target: Tensor
    """The velocity to predict, `(B, D, L)`."""


class Noising:
    """Draws times and noise.

    Args:
        objective: what the model predicts.
        timestep_sampler: distribution of the times.
        timestep_options: its options, by name.
        p_one_shot: share of items at pure noise.
        shift: shift of the times by length, as options by name; None for none.
        ot_coupling: pair noise and data of a batch by optimal transport.
    """

    def __init__(
        self,
        objective: str,
        timestep_sampler: str = "uniform",
        timestep_options: Mapping[str, float] | None = None,
        p_one_shot: float = 0.0,
        shift: Mapping[str, Any] | None = None,
        ot_coupling: bool = False,
    ) -> None:
        self.process = process_of(objective)
        self.timestep_sampler, self.timestep_options = timestep_sampler, dict(timestep_options or {})
        self.p_one_shot, self.ot_coupling = p_one_shot, ot_coupling
        self.shift: Shift | None = shift_of(shift)

    def times(self, lengths: Sequence[int], draws: StepDraws) -> Tensor:
        """A time for each item `(B,)`, on the CPU.

        Args:
            lengths: latent frames of each item, by which times are shifted.
            draws: of the step.
        """
        count = len(lengths)
        times = draws.by_item("time", count, self._drawn)
        if self.shift is not None:
            shifted = [self.shift.shift(time, length) for time, length in zip(times, lengths, strict=True)]
            times = torch.stack(shifted).to(times)
        if self.p_one_shot > 0:
            times = torch.where(draws.uniform("one shot", count) < self.p_one_shot, 1.0, times)
        return times

    def _drawn(self, count: int, generator: Generator) -> Tensor:
        return draw_times(self.timestep_sampler, count, generator, **self.timestep_options)

    def __call__(self, clean: Tensor, lengths: Sequence[int], draws: StepDraws, valid: Tensor | None = None) -> Noisy:
        """A batch with noise.

        Args:
            clean: `(B, D, L)`.
            lengths: frames of each item.
            draws: of the step.
            valid: `(B, L)`, false for padding, by which no pair is chosen.
        """
        time = self.times(lengths, draws).to(clean.device)
        noise = draws.gaussian(clean)
        if self.ot_coupling:
            noise = paired(clean, noise, valid)
        return self.at(clean, noise, time)

    def at(self, clean: Tensor, noise: Tensor, time: Tensor) -> Noisy:
        """A batch with given noise at given times."""
        return Noisy(noised(self.process, clean, noise, time), time, self.process.target(clean, noise, time))
