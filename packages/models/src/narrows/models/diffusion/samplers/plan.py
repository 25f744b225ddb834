"""What a sampling will do: the sampler of a configuration, and the levels of its steps, before the model is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from narrows.configs import load_config
from narrows.models.diffusion.process import Process, process_of
from narrows.models.diffusion.samplers.base import Sampler, SamplerError
from narrows.models.diffusion.schedules import Schedule, Span, create_schedule_from_config
from narrows.models.diffusion.schedules.explicit import checked_times
from narrows.models.diffusion.schedules.poly_exponential import PolyExponentialSchedule
from narrows.models.diffusion.shifts import Shift

FLOW_SAMPLERS = ("euler", "heun", "rk4", "dpmpp", "pingpong")
"""Samplers of the objectives `rectified_flow` and `rf_denoiser`; the others are for `v`."""
PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True)
class Way:
    """What the levels of a sampling are made of, where they are not those of the sampler."""

    times: Tensor | Sequence[float] | None = None
    """Times themselves, `(S + 1,)` or `(B, S + 1)`."""
    schedule: Any = None
    """Configuration of a schedule; None for that of the sampler."""
    shift: Shift | None = None
    """Shift of the model."""
    start: float | Sequence[float] | None = None
    """Level to start from, one for all or one an item; None for `sigma_max` of the sampler."""


@dataclass(frozen=True)
class Plan:
    """A sampling before its first step."""

    sampler: Sampler
    process: Process
    levels: Tensor
    """`(B, S + 1)` in float64; `(B, 2)` for samplers that make their own steps, or where there is nothing to do."""
    options: dict[str, Any]
    """Of the sampler."""

    @property
    def is_idle(self) -> bool:
        """Whether it starts without noise, and so has nothing to do."""
        return not bool(self.levels.any())


def find_sampler(name: str) -> Sampler:
    """The sampler of a type, from the module of that name."""
    found: Sampler = import_module(f"{PACKAGE}.{name.replace('-', '_')}").SAMPLER
    return found


def read_sampler(sampler: Any, **options: Any) -> Any:
    """The typed configuration of a sampler.

    Args:
        sampler: a type as a string, a dictionary, or a typed configuration.
        options: in place of its own.

    Raises:
        ConfigError: it is wrong.
    """
    if isinstance(sampler, str):
        sampler = {"type": sampler}
    given = dict(sampler) if isinstance(sampler, Mapping) else sampler.model_dump()
    return load_config({**given, **options}, "sampler")


def plan(config: Any, objective: str, lengths: Sequence[int], way: Way) -> Plan:
    """What a sampling will do.

    Args:
        config: typed configuration of the sampler.
        objective: of the model.
        lengths: of the items, in latent frames.
        way: what its levels are made of.

    Raises:
        SamplerError: the sampler does not fit the objective, or the levels do not fit the sampler or the items.
        ScheduleError: there are no such levels.
    """
    process, sampler = process_of(objective), find_sampler(config.type)
    _check_fit(config.type, objective)
    if sampler.own_levels and not (way.times is None and way.schedule is None):
        raise SamplerError(f"{config.type} makes its own steps: leave out times and schedule")
    options = {name: getattr(config, name) for name in sampler.options}
    starts = _starts(config, way, len(lengths))
    if way.times is None and not any(starts):
        return Plan(sampler, process, torch.zeros(len(lengths), 2, dtype=torch.float64), options)
    if sampler.own_levels:
        return Plan(sampler, process, _ends(config, starts), options)
    times = _laddered(config, sampler, process, starts, lengths, way) if way.times is None else _given(way, lengths)
    if sampler.scale == "time":
        return Plan(sampler, process, times, options)
    if bool((times[:, 0] >= 1).any()):
        raise SamplerError(
            f"{config.type} cannot start at time 1, where there is no signal: start at less, e.g. 0.9937"
        )
    return Plan(sampler, process, process.sigma(times), options)


def _check_fit(name: str, objective: str) -> None:
    if (name in FLOW_SAMPLERS) == (objective == "v"):
        fitting = ("dpmpp-2m-sde", "dpmpp-2m", "v-ddim") if objective == "v" else FLOW_SAMPLERS
        raise SamplerError(
            f"The sampler {name} does not fit the objective {objective}: take for example {', '.join(fitting)}"
        )


def _starts(config: Any, way: Way, batch: int) -> list[float]:
    start = config.sigma_max if way.start is None else way.start
    starts = [float(start)] * batch if isinstance(start, int | float) else [float(level) for level in start]
    most = float("inf") if hasattr(config, "sigma_min") else 1.0
    if len(starts) != batch:
        raise SamplerError(f"There are {len(starts)} levels to start from for a batch of {batch}")
    for level in starts:
        if not 0 <= level <= most or level == float("inf"):
            limit = "at least 0" if most > 1 else "from 0 to 1"
            raise SamplerError(f"The level to start {config.type} from must be {limit}, got {level:g}")
    if way.times is None and any(starts) and not all(starts):
        raise SamplerError("Items that start without noise cannot be sampled beside items that have some")
    return starts


def _ends(config: Any, starts: list[float]) -> Tensor:
    for start in starts:
        if start <= config.sigma_min:
            raise SamplerError(
                f"{config.type} ends at sigma_min {config.sigma_min:g}, so that it cannot start from {start:g}: "
                "lower sigma_min, or start from more noise"
            )
    return torch.tensor([[start, config.sigma_min] for start in starts], dtype=torch.float64)


def _laddered(
    config: Any, sampler: Sampler, process: Process, starts: list[float], lengths: Sequence[int], way: Way
) -> Tensor:
    chosen = config.schedule if way.schedule is None else way.schedule
    heeds = sampler.heeds_shift or chosen is not None
    rows: dict[tuple[float, int], Tensor] = {}
    for start, length in zip(starts, lengths, strict=True):
        if (start, length) not in rows:
            time = start
            if sampler.scale == "sigma":
                time = float(process.time(torch.tensor(start, dtype=torch.float64)))
            span = Span(time, process, length, way.shift if heeds else None)
            schedule = _default(config, sampler, start) if chosen is None else create_schedule_from_config(chosen)
            rows[start, length] = schedule.times(config.steps, span)
    return torch.stack([rows[key] for key in zip(starts, lengths, strict=True)])


def _default(config: Any, sampler: Sampler, start: float) -> Schedule:
    if sampler.schedule == "poly_exponential":
        return PolyExponentialSchedule(config.sigma_min, start, config.rho)
    return create_schedule_from_config(sampler.schedule)


def _given(way: Way, lengths: Sequence[int]) -> Tensor:
    if way.start is not None:
        raise SamplerError("times say where to start: leave out the level to start from")
    times = torch.as_tensor(way.times, dtype=torch.float64, device="cpu")
    rows = times.expand(len(lengths), -1) if times.dim() == 1 else times
    if rows.dim() != 2 or len(rows) != len(lengths):
        raise SamplerError(f"times must be of shape (steps + 1,) or (batch, steps + 1), got {tuple(times.shape)}")
    for row in rows if times.dim() == 2 else rows[:1]:
        checked_times(row)
    return rows
