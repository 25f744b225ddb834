"""Sampling functions and schedules against stable-audio-tools, number for number."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.goldens import Golden, golden_ids, load_golden
from torch import Tensor

from narrows.models import compat

MODELS: dict[str, Any] = {
    "linear": lambda x, t, **_: 0.3 * x * t[:, None, None] - 0.1 * x,
    "curved": lambda x, t, **_: 0.4 * torch.sin(x) - 0.25 * x * t[:, None, None] + 0.05,
    "scaled": lambda x, t, gain=1.0, **_: gain * torch.tanh(x) * (1 - t[:, None, None]) - 0.2 * x,
}


@pytest.mark.parametrize("name", [n for n in golden_ids("sampler") if n != "schedules"])
def test_samplers_match_the_reference(name: str) -> None:
    case = load_golden("sampler", name)
    params = case.meta["params"]
    options: dict[str, Any] = dict(params.get("kwargs", {}))
    if "dist_shift" in options:
        options["dist_shift"] = compat.DistributionShift(**options["dist_shift"])
    if "sigmas" in options:
        options["sigmas"] = torch.tensor(options["sigmas"])
    if "init" in case.inputs:
        options["init_data"] = case.inputs["init"]
    told: list[dict[str, Any]] = []
    if not params.get("no_callback"):
        options["callback"] = told.append
    torch.manual_seed(case.meta["seed"])
    got = getattr(compat, params["fn"])(_model(params), case.inputs["noise"], **options)
    case.assert_close("output", got)
    if told:
        case.assert_close("trace.x", torch.stack([step["x"] for step in told]))
        case.assert_close("trace.denoised", torch.stack([step["denoised"] for step in told]))


def _model(params: dict[str, Any]) -> Any:
    plain = MODELS[params["model_fn"]]
    if not params.get("return_info"):
        return plain

    def paired(x: Tensor, t: Tensor, return_info: bool = False, **more: Any) -> Any:
        v = plain(x, t, **more)
        return (v, {"uncond_output": 0.7 * v + 0.03}) if return_info else v

    return paired


@pytest.mark.parametrize("name", golden_ids("sampler", "schedules"))
def test_schedules_match_the_reference(name: str) -> None:
    case = load_golden("sampler", name)
    params, time, soft = case.meta["params"], case.inputs["t"], case.inputs["soft_mask"]
    alphas, sigmas = compat.get_alphas_sigmas(time)
    case.assert_close("alphas", alphas)
    case.assert_close("sigmas", sigmas)
    case.assert_close("t_back", compat.alpha_sigma_to_t(*compat.t_to_alpha_sigma(time)))
    for i, options in enumerate(params["poly"]):
        case.assert_close(f"polyexponential.{i}", compat.get_sigmas_polyexponential(**options))
    for i, (options, length) in enumerate(params["shifts"]):
        case.assert_close(f"dist_shift.{i}", compat.DistributionShift(**options).time_shift(time, length))
    for i, steps in enumerate(params["bmask_steps"]):
        case.assert_close(f"bmask.{i}", torch.stack([compat.get_bmask(j, steps, soft) for j in range(steps)]))
    for i, (size, options) in enumerate(params["masks"]):
        case.assert_close(f"mask.{i}", compat.build_mask(size, options))
    _check_ladders_and_draws(case)


def _check_ladders_and_draws(case: Golden) -> None:
    params = case.meta["params"]
    for i, (sigma_max, steps) in enumerate(params["rf"]):
        seen: list[Tensor] = []

        def spy(x: Tensor, times: Tensor, seen: list[Tensor] = seen) -> Tensor:
            seen.append(times[0].clone())
            return torch.zeros_like(x)

        compat.sample_rf(spy, torch.zeros(1, 1, 4), steps=steps, sigma_max=sigma_max, sampler_type="euler")
        case.assert_close(f"rf_schedule.{i}", torch.stack([*seen, torch.zeros(())]))
    torch.manual_seed(case.meta["seed"])
    case.assert_close("logsnr_timesteps", compat.sample_timesteps_logsnr(64, **params["logsnr"]))
    torch.manual_seed(case.meta["seed"])
    drawn = compat.truncated_logistic_normal_rescaled(64, **params["trunc"])
    case.assert_close("truncated_logistic_normal", drawn)
