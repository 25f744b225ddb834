"""Rules of samplers and schedules: levels of noise that fall."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning

if TYPE_CHECKING:
    from narrows.configs._generated.samplers.k_diffusion import KDiffusionSamplerConfig
    from narrows.configs._generated.samplers.k_dpm_adaptive import KDPMAdaptiveSamplerConfig
    from narrows.configs._generated.samplers.k_dpm_fast import KDPMFastSamplerConfig
    from narrows.configs._generated.samplers.k_sde import KSDESamplerConfig
    from narrows.configs._generated.schedules.explicit import ExplicitScheduleConfig
    from narrows.configs._generated.schedules.karras import KarrasScheduleConfig
    from narrows.configs._generated.schedules.logsnr import LogSNRScheduleConfig
    from narrows.configs._generated.schedules.logsnr_stretched import StretchedLogSNRScheduleConfig
    from narrows.configs._generated.schedules.poly_exponential import PolyExponentialScheduleConfig


@rule
def sampled_noise_falls(
    levels: KDiffusionSamplerConfig
    | KSDESamplerConfig
    | KDPMFastSamplerConfig
    | KDPMAdaptiveSamplerConfig
    | PolyExponentialScheduleConfig
    | KarrasScheduleConfig,
) -> Iterator[Problem]:
    """`sigma_max` is greater than `sigma_min`."""
    if levels.sigma_max <= levels.sigma_min:
        message = f"sigma_max {levels.sigma_max:g} must be greater than sigma_min {levels.sigma_min:g}."
        yield Problem("/sigma_max", message, levels.sigma_max, "", related=("/sigma_min",))


@rule
def logsnr_schedule_rises(schedule: LogSNRScheduleConfig | StretchedLogSNRScheduleConfig) -> Iterator[Problem]:
    """`logsnr_end` is greater than `logsnr_start`."""
    if schedule.logsnr_end <= schedule.logsnr_start:
        message = f"logsnr_end {schedule.logsnr_end:g} must be greater than logsnr_start {schedule.logsnr_start:g}."
        yield Problem("/logsnr_end", message, schedule.logsnr_end, "", related=("/logsnr_start",))


@rule
def listed_times_fall(schedule: ExplicitScheduleConfig) -> Iterator[Problem]:
    """The times of a schedule fall, to 0."""
    for index, (now, then) in enumerate(pairwise(schedule.times), start=1):
        if then >= now:
            yield Problem(f"/times/{index}", f"The times must fall, but {then:g} follows {now:g}.", then, "")
            return
    if schedule.times[-1] != 0:
        last = len(schedule.times) - 1
        yield Problem(f"/times/{last}", "The last time must be 0, the signal.", schedule.times[-1], "Append 0.")


@warning
def schedule_replaces_levels(sampler: KDiffusionSamplerConfig | KSDESamplerConfig) -> Iterator[Problem]:
    """`sigma_min` and `rho` have no effect beside a `schedule`."""
    if sampler.schedule is None:
        return
    fields = type(sampler).model_fields
    for key in ("sigma_min", "rho"):
        if getattr(sampler, key) != fields[key].default:
            message = f"{key} has no effect beside schedule."
            yield Problem(f"/{key}", message, getattr(sampler, key), "Remove it.", related=("/schedule",))
