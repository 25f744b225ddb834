"""The sampling functions of stable-audio-tools (`stable_audio_tools.inference.sampling`), over the samplers here.

Same arguments, callbacks and draws from the global generator. A schedule that would rise falls instead, and where the
reference raises (`cond_fn` of flows), this does what was meant.

Letters: B batch, C channels, T frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from narrows.models.compat.brownian_tree import ReferenceNoise
from narrows.models.compat.schedules import DistributionShift, get_sigmas_polyexponential, t_to_alpha_sigma
from narrows.models.diffusion.process import FlowProcess, VProcess, spread
from narrows.models.diffusion.samplers.base import Denoiser, Model, Sampler, SamplerError, Step, Velocity
from narrows.models.diffusion.samplers.k_dpm_adaptive import dpm_adaptive
from narrows.models.diffusion.samplers.plan import find_sampler
from narrows.models.diffusion.samplers.sampling import started
from narrows.models.diffusion.schedules import Span
from narrows.models.diffusion.schedules.base import falling, linear
from narrows.models.diffusion.schedules.logsnr import LogSNRSchedule

Callback = Callable[[dict[str, Any]], Any]
K_SAMPLERS = (
    "k-heun",
    "k-lms",
    "k-dpmpp-2s-ancestral",
    "k-dpm-2",
    "k-dpm-fast",
    "k-dpm-adaptive",
    "dpmpp-2m-sde",
    "dpmpp-3m-sde",
    "dpmpp-2m",
)
UNUSED_DRAWS = ("k-heun", "k-dpm-2", "k-dpm-fast", "k-dpm-adaptive")
"""Samplers whose reference draws noise in each step and multiplies it by 0: the global generator moves on."""


def sample_discrete_euler(
    model: Any,
    x: Tensor,
    steps: int | None = None,
    sigma_max: float = 1,
    sigmas: Tensor | None = None,
    callback: Callback | None = None,
    dist_shift: DistributionShift | None = None,
    disable_tqdm: bool = False,
    **extra_args: Any,
) -> Tensor:
    """Euler's method for a flow, from `x` at the first of `sigmas` or at `sigma_max`."""
    times = _times(x, steps, sigma_max, sigmas, dist_shift)
    return _flow("euler", model, x, times, _told(callback, after=True), extra_args)


def sample_rk4(
    model: Any,
    x: Tensor,
    steps: int | None = None,
    sigma_max: float = 1,
    sigmas: Tensor | None = None,
    callback: Callback | None = None,
    dist_shift: DistributionShift | None = None,
    **extra_args: Any,
) -> Tensor:
    """The Runge-Kutta method of order 4 for a flow."""
    times = _times(x, steps, sigma_max, sigmas, dist_shift)
    return _flow("rk4", model, x, times, _told(callback, after=True), extra_args)


def sample_flow_dpmpp(
    model: Any,
    x: Tensor,
    steps: int | None = None,
    sigma_max: float = 1,
    sigmas: Tensor | None = None,
    callback: Callback | None = None,
    dist_shift: DistributionShift | None = None,
    disable_tqdm: bool = False,
    **extra_args: Any,
) -> Tensor:
    """DPM-Solver++ (2M) for a flow."""
    times = _times(x, steps, sigma_max, sigmas, dist_shift)
    return _flow("dpmpp", model, x, times, _told(callback), extra_args)


def sample_flow_pingpong(
    model: Any,
    x: Tensor,
    steps: int | None = None,
    sigma_max: float = 1,
    sigmas: Tensor | None = None,
    callback: Callback | None = None,
    dist_shift: DistributionShift | None = None,
    **extra_args: Any,
) -> Tensor:
    """Ping-pong sampling of a flow."""
    times = _times(x, steps, sigma_max, sigmas, dist_shift)
    return _flow("pingpong", model, x, times, _told(callback, hat=True), extra_args)


def sample(
    model: Any,
    x: Tensor,
    steps: int,
    eta: float,
    callback: Callback | None = None,
    sigma_max: float = 1.0,
    dist_shift: DistributionShift | None = None,
    cfg_pp: bool = False,
    **extra_args: Any,
) -> Tensor:
    """DDIM for v-diffusion, from `x` at `sigma_max`.

    With `cfg_pp`, the model is called with `return_info=True` and returns a pair.
    """
    times = _times(x, steps, sigma_max, None, dist_shift)
    if cfg_pp:
        extra_args = {**extra_args, "return_info": True}
    ddim = find_sampler("v-ddim-cfgpp" if cfg_pp else "v-ddim")

    def tell(step: Step) -> None:
        if callback is not None:
            last = step.index + 1 == step.count
            level = step.level[0].float()
            shown = step.x if last else step.result
            sigma = torch.sin(level * math.pi / 2)
            callback({"x": shown, "t": level, "sigma": sigma, "i": step.index, "denoised": step.denoised})

    velocity = Velocity(partial(model, **extra_args), x.dtype)
    return _last(ddim.solve(velocity, _working(x), _rows(times, x), ReferenceNoise(), eta=eta), x, tell)


def sample_rf(
    model_fn: Any,
    noise: Tensor,
    init_data: Tensor | None = None,
    steps: int = 100,
    sampler_type: str = "euler",
    sigma_max: float = 1,
    device: Any = "cuda",
    callback: Callback | None = None,
    cond_fn: Any = None,
    **extra_args: Any,
) -> Tensor:
    """Sample a flow.

    All samplers but `rk4` take a ladder in the logarithm of signal over noise, and do not heed `dist_shift`.
    """
    functions: dict[str, Callable[..., Tensor]] = {
        "euler": sample_discrete_euler,
        "dpmpp": sample_flow_dpmpp,
        "pingpong": sample_flow_pingpong,
        "rk4": sample_rk4,
    }
    if sampler_type not in functions:
        raise SamplerError(f"Unknown sampler_type: {sampler_type}; take one of {', '.join(functions)}")
    sigma_max = min(sigma_max, 1)
    level = torch.tensor([sigma_max], dtype=torch.float64)
    x = started(find_sampler(sampler_type), FlowProcess(), _working(noise), level, init_data).to(noise)
    if sigma_max <= 0:
        return x
    if cond_fn is not None:
        model_fn = _guided_flow(model_fn, cond_fn)
    if sampler_type == "rk4":
        return sample_rk4(model_fn, x, steps, sigma_max, callback=callback, **extra_args)
    times = LogSNRSchedule().times(steps, Span(float(sigma_max), FlowProcess()))
    return functions[sampler_type](model_fn, x, sigmas=times, sigma_max=sigma_max, callback=callback, **extra_args)


def sample_k(
    model_fn: Any,
    noise: Tensor,
    init_data: Tensor | None = None,
    steps: int = 100,
    sampler_type: str = "dpmpp-2m-sde",
    sigma_min: float = 0.01,
    sigma_max: float = 100,
    rho: float = 1.0,
    device: Any = "cuda",
    callback: Callback | None = None,
    cond_fn: Any = None,
    **extra_args: Any,
) -> Tensor:
    """Sample a model that predicts v, with a sampler of k-diffusion or DDIM."""
    if sampler_type in ("v-ddim", "v-ddim-cfgpp"):
        sigma_max = min(sigma_max, 1)
        model_fn = model_fn if cond_fn is None else _guided(model_fn, cond_fn)
        alpha, sigma = t_to_alpha_sigma(torch.tensor(sigma_max))
        x = noise if init_data is None else init_data * alpha.item() + noise * sigma.item()
        cfg_pp = sampler_type == "v-ddim-cfgpp"
        return sample(model_fn, x, steps, 0.0, callback, sigma_max, cfg_pp=cfg_pp, **extra_args)
    if sampler_type not in K_SAMPLERS:
        raise SamplerError(f"Unknown sampler type {sampler_type}; take one of {', '.join(K_SAMPLERS)}, v-ddim")
    found = find_sampler(sampler_type)
    ladder = _sigmas(found, steps, sigma_min, sigma_max, rho)
    denoiser: Model = Denoiser(Velocity(partial(model_fn, **extra_args), noise.dtype), VProcess())
    if cond_fn is not None:
        denoiser = _guided(denoiser, partial(cond_fn, **extra_args))
    x = started(found, VProcess(), _working(noise), ladder[:1], init_data)
    source = ReferenceNoise(float(ladder[ladder > 0][-1].float()), float(ladder[0].float()))
    if sampler_type.endswith("-sde"):
        source.plant(noise)
    return _last(
        _k_steps(sampler_type, found, denoiser, x, ladder, source, steps), noise, _k_told(sampler_type, callback)
    )


def _sigmas(found: Sampler, steps: int, sigma_min: float, sigma_max: float, rho: float) -> Tensor:
    if found.own_levels:
        if not 0 < sigma_min < sigma_max:
            raise SamplerError(f"sigma_max must be above sigma_min, and both positive; got {sigma_max} and {sigma_min}")
        return torch.tensor([sigma_max, sigma_min], dtype=torch.float64)
    # In float32, as there: the Brownian path is known at these very numbers.
    sigmas = get_sigmas_polyexponential(steps, sigma_min, sigma_max, rho).double()
    if not falling(sigmas):
        raise SamplerError(f"The schedule must fall from sigma_max {sigma_max} to sigma_min {sigma_min}")
    return sigmas


def _k_steps(
    name: str, found: Sampler, denoiser: Model, x: Tensor, ladder: Tensor, source: ReferenceNoise, steps: int
) -> Iterator[Step]:
    rows = _rows(ladder, x)
    if name == "k-dpm-adaptive":
        return dpm_adaptive(denoiser, x, rows, source, shared=True)
    if name == "k-dpm-fast":
        return found.solve(denoiser, x, rows, source, steps=steps)
    return found.solve(denoiser, x, rows, source)


def _k_told(name: str, callback: Callback | None) -> Callable[[Step], None]:
    counts = {"steps": 0, "nfe": 0, "n_accept": 0, "n_reject": 0}

    def tell(step: Step) -> None:
        taken = bool(step.info.get("accepted", torch.ones(1))[0])
        if name in UNUSED_DRAWS and taken:
            torch.randn_like(step.x)
        level, shown, more = step.level[0].float(), step.x, {}
        if name == "k-dpm-adaptive":
            for key, number in (("steps", 1), ("nfe", 3), ("n_accept", taken), ("n_reject", not taken)):
                counts[key] += number
            level, shown = step.next_level[0].float(), step.result
            more = {"error": step.info["error"][0], "h": float(step.info["h"][0]), **counts}
        if name in ("k-dpm-fast", "k-dpm-adaptive"):
            more = {"t": -level.log(), "t_up": -level.log(), **more}
        if callback is not None:
            basic = {"x": shown, "i": step.index, "sigma": level, "sigma_hat": level, "denoised": step.denoised}
            callback(basic | more)

    return tell


def _told(callback: Callback | None, after: bool = False, hat: bool = False) -> Callable[[Step], None]:
    """What a flow's callback is told: the signal before the step, or behind it with the number of the next step."""

    def tell(step: Step) -> None:
        if callback is not None:
            level = step.level[0].float()
            told = {"x": step.result if after else step.x, "i": step.index + after, "t": level, "sigma": level}
            callback(told | {"denoised": step.denoised} | ({"sigma_hat": level} if hat else {}))

    return tell


def _flow(
    name: str, model: Any, x: Tensor, times: Tensor, tell: Callable[[Step], None], extra_args: dict[str, Any]
) -> Tensor:
    velocity = Velocity(partial(model, **extra_args), x.dtype)
    return _last(find_sampler(name).solve(velocity, _working(x), _rows(times, x), ReferenceNoise()), x, tell)


@torch.no_grad()
def _last(steps: Iterator[Step], x: Tensor, tell: Callable[[Step], None]) -> Tensor:
    result = x
    for step in steps:
        tell(step)
        result = step.result
    return result.to(x)


def _times(
    x: Tensor, steps: int | None, sigma_max: float, sigmas: Tensor | None, dist_shift: DistributionShift | None
) -> Tensor:
    if sigmas is not None:
        times = torch.as_tensor(sigmas).detach().to(device="cpu", dtype=torch.float64)
    elif steps is None:
        raise SamplerError("Either steps or sigmas must be given")
    else:
        times = linear(float(sigma_max), steps)
        times = times if dist_shift is None else dist_shift.time_shift(times, x.shape[-1])
    if not falling(times):
        raise SamplerError(f"The schedule must fall with every step, got {times.tolist()}")
    return times


def _rows(levels: Tensor, x: Tensor) -> Tensor:
    return levels.expand(len(x), -1)


def _working(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _guided(model: Any, cond_fn: Any) -> Callable[..., Tensor]:
    """A model whose output is moved by a gradient, times the square of the level, as the reference does."""

    def predict(x: Tensor, level: Tensor, **extra_args: Any) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            out: Tensor = model(x, level, **extra_args)
            gradient: Tensor = cond_fn(x, level.to(x), denoised=out, **extra_args).detach()
        return out.detach() + gradient * spread(level, x) ** 2

    return predict


def _guided_flow(model: Any, cond_fn: Any) -> Callable[..., Tensor]:
    """A flow whose clean signal is moved by a gradient, times the square of the time."""

    def predict(x: Tensor, time: Tensor, **extra_args: Any) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            velocity: Tensor = model(x, time, **extra_args)
            denoised = x - spread(time, x) * velocity
            gradient: Tensor = cond_fn(x, time, denoised=denoised, **extra_args).detach()
        return velocity.detach() - gradient * spread(time, x)

    return predict
