"""What every sampler is: a generator of steps, from a noisy signal along the levels of a schedule.

Two kinds of levels exist. Samplers of the scale `time` work on the signal as the model sees it; their levels are the
model's times, and they are given the model's velocity. Samplers of the scale `sigma` (Karras et al. 2022) work on the
signal divided by its share; their levels are ratios of noise to signal, and they are given the clean signal that the
model means.

Letters: B batch, C channels, T frames, S steps. Levels are `(B, S + 1)`, in float64 on the CPU: each item has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.diffusion.process import Process, spread

Predict = Callable[[Tensor, Tensor], Tensor | tuple[Tensor, Mapping[str, Tensor]]]
"""What a model predicts of a noisy signal `(B, C, T)` at times `(B,)` in float32: its velocity.

It may return a pair, the second of which holds `uncond_output`, the velocity without conditions, for samplers that
guide by both.
"""

Scale = Literal["time", "sigma"]


class SamplerError(NarrowsError, ValueError):
    """A sampling cannot be done as asked for."""


@dataclass(frozen=True)
class Step:
    """One step of a sampling."""

    index: int
    """From 0."""
    count: int | None
    """How many steps there will be; None where the sampler finds out on the way."""
    level: Tensor
    """Level `(B,)` that the step starts from."""
    next_level: Tensor
    """Level `(B,)` that the step ends at."""
    x: Tensor
    """Signal that the step starts from, in the sampler's scale."""
    result: Tensor
    """Signal that the step ends at; that of the last step is the sample."""
    denoised: Tensor
    """Clean signal that the model means in this step: a preview."""
    info: Mapping[str, Any] = field(default_factory=dict)
    """What else a sampler knows."""


class Velocity:
    """A model in the scale `time`.

    The signal is kept in float32 at least, the model is called with the type that it was given noise in.

    Args:
        predict: the model.
        dtype: of the signals that the model is called with.
    """

    def __init__(self, predict: Predict, dtype: torch.dtype) -> None:
        self.predict, self.dtype = predict, dtype

    def pair(self, x: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """The velocity, and that without conditions, where the model tells it apart."""
        moved = time.to(x.dtype).to(x.device)
        out = self.predict(x.to(self.dtype), moved)
        velocity, more = out if isinstance(out, tuple) else (out, {})
        free = more.get("uncond_output", velocity)
        if velocity.shape != x.shape:
            raise SamplerError(f"predict must return the shape {tuple(x.shape)}, got {tuple(velocity.shape)}")
        return velocity.to(x.dtype), free.to(x.dtype)

    def __call__(self, x: Tensor, time: Tensor) -> Tensor:
        """The velocity `(B, C, T)` at times `(B,)`."""
        return self.pair(x, time)[0]


class Denoiser:
    """A model in the scale `sigma`.

    Args:
        velocity: the model.
        process: that it was trained with.
    """

    def __init__(self, velocity: Velocity, process: Process) -> None:
        self.velocity, self.process = velocity, process

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The clean signal `(B, C, T)` that the model means at ratios of noise to signal `(B,)`."""
        time = self.process.time(sigma)
        scaled = x * spread(self.process.signal(time), x)
        return self.process.clean_of(scaled, self.velocity(scaled, time), time)


Solve = Callable[..., Iterator[Step]]
"""`solve(model, x, levels, noise, **options)`: the steps of a sampler."""


class Model(Protocol):
    """A `Velocity` or a `Denoiser`."""

    def __call__(self, x: Tensor, level: Tensor, /) -> Tensor:
        """What the model says of `(B, C, T)` at levels `(B,)`."""


@dataclass(frozen=True)
class Sampler:
    """A sampler as `sample` finds it: each module has one, called `SAMPLER`."""

    scale: Scale
    solve: Solve
    options: tuple[str, ...] = ()
    """Options of its configuration that `solve` takes."""
    schedule: str | None = None
    """Schedule of stable-audio-tools for it; None where it makes its own steps between two levels."""
    heeds_shift: bool = False
    """Whether the schedule of stable-audio-tools heeds the shift of the model."""
    own_levels: bool = False
    """Whether it makes its own steps between the first and the last level."""


def pairs(levels: Tensor) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Number, start and end of every step."""
    for index in range(levels.shape[1] - 1):
        yield index, levels[:, index], levels[:, index + 1]


def is_clean(level: Tensor) -> bool:
    """Whether levels are those of the signal itself; then all items' are."""
    return bool((level == 0).all())
