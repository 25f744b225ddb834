"""Schedules fall from their start to 0, and shifts map times onto times."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.analytic_flow import OBJECTIVES
from torch import Tensor

from narrows.configs import ConfigError, FluxShiftConfig, FullShiftConfig, LogSNRShiftConfig, NoShiftConfig
from narrows.models.diffusion.process import process_of
from narrows.models.diffusion.samplers import sample
from narrows.models.diffusion.samplers.plan import Way, plan, read_sampler
from narrows.models.diffusion.schedules import ScheduleError, Span, create_schedule_from_config
from narrows.models.diffusion.shifts import ShiftError, create_shift_from_config
from narrows.models.diffusion.shifts.logsnr import LogSNRShift

SHIFTS = st.one_of(
    st.none(),
    st.builds(
        lambda base, top, sine: {"type": "full", "base_shift": base, "max_shift": top, "use_sine": sine},
        st.floats(-2, 3),
        st.floats(-2, 3),
        st.booleans(),
    ),
    st.builds(
        lambda low, high: {"type": "flux", "alpha_min": low, "alpha_max": high}, st.floats(0.1, 15), st.floats(0.1, 15)
    ),
    st.builds(
        lambda start, rate, end: {"type": "logsnr", "anchor_logsnr": start, "rate": rate, "logsnr_end": end},
        st.floats(-9, -5),
        st.floats(-0.5, 1),
        st.floats(0.1, 6),
    ),
)
SIGMAS = {"sigma_min": st.floats(1e-3, 0.5), "sigma_max": st.floats(1, 200), "rho": st.floats(0.5, 9)}
SCHEDULES = st.one_of(
    SHIFTS.map(lambda shift: {"type": "linear", "shift": shift}),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(("logsnr", "logsnr_stretched")),
            "logsnr_start": st.floats(-9, -1),
            "logsnr_end": st.floats(0, 9),
        }
    ),
    st.fixed_dictionaries({"type": st.sampled_from(("poly_exponential", "karras")), **SIGMAS}),
)
STARTS = st.one_of(st.just(1.0), st.floats(1e-3, 1))
CONFIGS = {"full": FullShiftConfig, "flux": FluxShiftConfig, "logsnr": LogSNRShiftConfig, "none": NoShiftConfig}


def check(times: Tensor, steps: int, start: float) -> None:
    assert times.shape == (steps + 1,)
    assert times[0] == pytest.approx(start, rel=1e-9)
    assert times[-1] == 0
    assert bool((times[1:] < times[:-1]).all()), times


@settings(max_examples=300, deadline=None)
@given(SCHEDULES, st.integers(1, 300), STARTS, st.integers(1, 9000), st.sampled_from(("v", "rectified_flow")))
def test_every_schedule_falls_from_its_start_to_the_signal(
    schedule: dict[str, Any], steps: int, start: float, length: int, objective: str
) -> None:
    span = Span(start, process_of(objective), length)
    check(create_schedule_from_config(schedule).times(steps, span), steps, start)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([n for n in OBJECTIVES if n not in ("k-dpm-fast", "k-dpm-adaptive")]),
    st.integers(1, 200),
    st.floats(0.02, 1),
    SHIFTS,
    st.integers(1, 9000),
)
def test_the_levels_of_every_sampler_fall(
    name: str, steps: int, start: float, shift: dict[str, Any] | None, length: int
) -> None:
    config = read_sampler(name, steps=steps)
    built = None if shift is None else create_shift_from_config(CONFIGS[shift["type"]](**shift))
    levels = plan(config, OBJECTIVES[name], [length], Way(shift=built, start=start)).levels
    check(levels[0], steps, start)


@settings(max_examples=100, deadline=None)
@given(SHIFTS, st.integers(1, 9000))
def test_shifts_keep_the_ends_and_are_undone(options: dict[str, Any] | None, length: int) -> None:
    options = options or {"type": "none"}
    shift = create_shift_from_config(CONFIGS[options["type"]](**options))
    if shift is None:
        return
    if isinstance(shift, LogSNRShift):
        assume(shift.logsnr_start(length) < shift.logsnr_end - 0.1)
    times = torch.linspace(0, 1, 21, dtype=torch.float64)
    shifted = shift.shift(times, length)
    assert shifted[0] == 0
    assert shifted[-1] == pytest.approx(1)
    torch.testing.assert_close(shift.unshift(shifted, length)[1:-1], times[1:-1], atol=1e-6, rtol=1e-6)


def shifted(config: Any, length: int, start: float = 1.0) -> Tensor:
    span = Span(start, process_of("rectified_flow"), length, create_shift_from_config(config))
    return create_schedule_from_config("linear").times(4, span)


def test_shifts_give_the_numbers_of_their_papers() -> None:
    even = torch.linspace(1, 0, 5, dtype=torch.float64)
    alpha = 4.0
    flux = FluxShiftConfig(type="flux", min_length=256, max_length=4096, alpha_min=1.0, alpha_max=alpha)
    torch.testing.assert_close(shifted(flux, 9999), alpha * even / (1 + (alpha - 1) * even))
    torch.testing.assert_close(shifted(flux, 1024), 2 * even / (1 + even))  # half way in the logarithm of both
    full = FullShiftConfig(base_shift=0.5, max_shift=1.5, min_length=100, max_length=300)
    ratio = torch.e * even / (1 - even)
    torch.testing.assert_close(shifted(full, 200)[1:], (ratio / (1 + ratio))[1:])
    logsnr = LogSNRShiftConfig(type="logsnr", anchor_length=1000, anchor_logsnr=-6.0, rate=1.0, logsnr_end=2.0)
    wanted = torch.sigmoid(torch.linspace(7, -2, 5, dtype=torch.float64))[1:-1]
    torch.testing.assert_close(shifted(logsnr, 2000)[1:-1], wanted)


def test_a_schedule_that_would_rise_is_shifted_from_its_start() -> None:
    """stable-audio-3 has 0.5, 0.83, 0.746, …: the start is written over a time that the shift has raised."""
    config = LogSNRShiftConfig(type="logsnr", anchor_length=2000, anchor_logsnr=-6.2, rate=0.0, logsnr_end=2.0)
    times = shifted(config, 500, 0.5)
    check(times, 4, 0.5)
    logsnr = torch.logit(1 - times[:-1])
    torch.testing.assert_close(logsnr.diff(), torch.full((3,), 0.5, dtype=torch.float64))


def test_a_length_that_turns_the_times_around_has_equal_steps() -> None:
    """With the defaults of stable-audio-3 the ladder of 4 frames starts above its end."""
    torch.testing.assert_close(shifted(LogSNRShiftConfig(type="logsnr"), 4), torch.linspace(1, 0, 5).double())


def test_each_item_is_shifted_by_its_own_length() -> None:
    """In a batch of steps + 1 items too."""
    shift = create_shift_from_config(FluxShiftConfig(type="flux", alpha_min=1.0, alpha_max=9.0))
    lengths = [256, 600, 1500, 4096]
    way = Way(schedule="linear", shift=shift)
    levels = plan(read_sampler("euler", steps=3), "rectified_flow", lengths, way).levels
    for row, length in zip(levels, lengths, strict=True):
        alone = plan(read_sampler("euler", steps=3), "rectified_flow", [length], way).levels[0]
        assert torch.equal(row, alone)
    assert len({tuple(row.tolist()) for row in levels}) == 4


@pytest.mark.parametrize("name", ["euler", "rk4", "dpmpp", "pingpong", "heun", "v-ddim", "dpmpp-2m"])
def test_who_heeds_the_shift_of_the_model(name: str) -> None:
    """As in stable-audio-tools; and whoever is given a linear schedule."""
    shift = create_shift_from_config(FullShiftConfig(min_length=4, max_length=64))
    config = read_sampler(name, steps=5)

    def levels(**way: Any) -> Tensor:
        return plan(config, OBJECTIVES[name], [32], Way(start=0.9, **way)).levels

    heeds = name in ("rk4", "v-ddim")
    assert torch.equal(levels(), levels(shift=shift)) != heeds
    assert not torch.equal(levels(schedule="linear"), levels(schedule="linear", shift=shift))


def test_ladders_of_the_references() -> None:
    torch.testing.assert_close(
        plan(read_sampler("euler", steps=4), "rectified_flow", [1], Way()).levels[0],
        torch.tensor([1, *torch.sigmoid(torch.tensor([4.0, 2.0, 0.0])), 0], dtype=torch.float64),
        atol=1e-6,
        rtol=1e-6,
    )
    sigmas = plan(read_sampler("dpmpp-2m", steps=5), "v", [1], Way()).levels[0]
    torch.testing.assert_close(sigmas, torch.tensor([100, 10, 1, 0.1, 0.01, 0], dtype=torch.float64))
    karras = plan(read_sampler("dpmpp-2m", steps=3, schedule={"type": "karras", "rho": 2.0}), "v", [1], Way()).levels[0]
    torch.testing.assert_close(karras, torch.tensor([100, 5.05**2, 0.01, 0], dtype=torch.float64))


def test_a_list_of_times_is_a_schedule() -> None:
    seen: list[float] = []

    def spy(x: Tensor, t: Tensor) -> Tensor:
        seen.append(float(t[0]))
        return torch.zeros_like(x)

    schedule = {"type": "explicit", "times": [1.0, 0.75, 0.25, 0.0]}
    sample("euler", spy, torch.zeros(1, 1, 4), objective="rectified_flow", schedule=schedule)
    assert seen == [1.0, 0.75, 0.25]


@pytest.mark.parametrize(
    ("schedule", "error"),
    [
        ({"type": "logsnr", "logsnr_end": -8.0}, ConfigError),
        ({"type": "karras", "sigma_max": 0.001}, ConfigError),
        ({"type": "explicit", "times": [1.0, 1.0, 0.0]}, ConfigError),
        ({"type": "explicit", "times": [1.0, 0.1]}, ConfigError),
        ("cosine", ConfigError),
    ],
)
def test_wrong_schedules_are_said(schedule: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        create_schedule_from_config(schedule)


def test_shifts_without_a_value_are_said() -> None:
    with pytest.raises(ShiftError, match="at least 1 latent frame"):
        shifted(FluxShiftConfig(type="flux"), 0)
    with pytest.raises(ScheduleError, match="sigma_max must be greater than sigma_min"):
        plan(read_sampler("dpmpp-2m"), "v", [1], Way(start=0.01))
