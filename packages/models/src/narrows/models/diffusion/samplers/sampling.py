"""Running a sampler: from a configuration, a model and noise to a sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.noise import noise_source as source_of
from narrows.models.diffusion.process import Process, spread
from narrows.models.diffusion.samplers.base import Denoiser, Predict, Sampler, SamplerError, Step, Velocity
from narrows.models.diffusion.samplers.plan import Plan, Way, plan, read_sampler
from narrows.models.diffusion.shifts import Shift


def sample(
    sampler: Any,
    predict: Predict,
    noise: Tensor,
    *,
    objective: str,
    steps: int | None = None,
    times: Tensor | Sequence[float] | None = None,
    schedule: Any = None,
    shift: Shift | None = None,
    length: int | Sequence[int] | None = None,
    init: Tensor | None = None,
    init_noise_level: float | Sequence[float] | None = None,
    generator: Generator | int | Sequence[int | Generator] | None = None,
    noise_source: NoiseSource | None = None,
    on_step: Callable[[Step], Any] | None = None,
    **options: Any,
) -> Tensor:
    """A sample of a model.

    An item depends on its own noise and times only, not on the batch that it is in. What a sampler does without
    `schedule` and `times` is what it does in stable-audio-tools (`heun`, which is not there, has `logsnr_stretched`).

    Args:
        sampler: a type as a string, e.g. `dpmpp-2m-sde`; or a dictionary or typed configuration of
            `schemas-json/samplers`.
        predict: the model: its velocity `(B, C, T)` of a noisy signal `(B, C, T)` at times `(B,)` in [0, 1], which come
            in float32. `v-ddim-cfgpp` takes a pair, with the velocity without conditions as `uncond_output` in a
            dictionary.
        noise: Gaussian, `(B, C, T)`, of the type that the model is to be called with. Between the calls, the signal is
            kept in float32 at least.
        objective: what the velocity is: `v`, `rectified_flow` or `rf_denoiser`.
        steps: in place of those of the sampler.
        times: falling from at most 1 (pure noise) to 0, `(S + 1,)`, or `(B, S + 1)` for times of each item; in place of
            steps and a schedule.
        schedule: a type as a string, a dictionary or a typed configuration of `schemas-json/schedules`, in place of
            that of the sampler.
        shift: of the model's times by the length. As in stable-audio-tools it acts on `rk4` and `v-ddim`; and on a
            `linear` schedule where one is given.
        length: of the items without padding, in latent frames, for the shift; None for T.
        init: a signal `(B, C, T)` to vary; None starts from the noise.
        init_noise_level: level to start from, one for all items or one an item, in place of `sigma_max` of the sampler.
            With 0 the result is `init`.
        generator: of the noise in the steps of stochastic samplers: a seed or a generator for the whole batch, or a
            list of them, one an item, so that an item's noise does not depend on the batch; None for the global
            generator.
        noise_source: in place of `generator`.
        on_step: called after every step.
        options: of the sampler, e.g. `eta` or `sigma_min`, in place of its own.

    Returns:
        `(B, C, T)`, of the type of `noise`.

    Raises:
        ConfigError: the sampler or the schedule is none, or an option is wrong.
        SamplerError: the sampler does not fit the objective, or something the batch.
        ScheduleError: the times do not fall to 0.
    """
    steps_of = sample_steps(
        sampler,
        predict,
        noise,
        objective=objective,
        steps=steps,
        times=times,
        schedule=schedule,
        shift=shift,
        length=length,
        init=init,
        init_noise_level=init_noise_level,
        generator=generator,
        noise_source=noise_source,
        **options,
    )
    result = noise if init is None else init
    for step in steps_of:
        result = step.result
        if on_step is not None:
            on_step(step)
    return result.to(noise)


def sample_steps(
    sampler: Any,
    predict: Predict,
    noise: Tensor,
    *,
    objective: str,
    steps: int | None = None,
    times: Tensor | Sequence[float] | None = None,
    schedule: Any = None,
    shift: Shift | None = None,
    length: int | Sequence[int] | None = None,
    init: Tensor | None = None,
    init_noise_level: float | Sequence[float] | None = None,
    generator: Generator | int | Sequence[int | Generator] | None = None,
    noise_source: NoiseSource | None = None,
    **options: Any,
) -> Iterator[Step]:
    """The steps of a sampling, one at a time: to look at it on the way, or to leave it.

    What is wrong with the arguments, which are those of `sample`, is said at once. The `result` of the last step is the
    sample, in float32 at least. There are no steps where there is no noise to start from.
    """
    given = {**options, **({} if steps is None else {"steps": steps})}
    way = Way(times, schedule, shift, init_noise_level)
    ready = plan(read_sampler(sampler, **given), objective, _lengths(length, noise), way)
    _check(ready, noise, init, steps if times is not None else None)
    if noise_source is None:
        noise_source = source_of(generator)
    elif generator is not None:
        raise SamplerError("Give either generator or noise_source")
    return _run(ready, predict, noise, noise_source, init)


@torch.no_grad()
def _run(
    ready: Plan, predict: Predict, noise: Tensor, noise_source: NoiseSource, init: Tensor | None
) -> Iterator[Step]:
    if ready.is_idle:
        return
    dtype = torch.promote_types(noise.dtype, torch.float32)
    start = started(ready.sampler, ready.process, noise.to(dtype), ready.levels[:, 0], init)
    velocity = Velocity(predict, noise.dtype)
    model = velocity if ready.sampler.scale == "time" else Denoiser(velocity, ready.process)
    yield from ready.sampler.solve(model, start, ready.levels, noise_source, **ready.options)


def started(sampler: Sampler, process: Process, noise: Tensor, level: Tensor, init: Tensor | None) -> Tensor:
    """The signal that a sampling starts from, in the sampler's scale.

    Args:
        sampler: says the scale.
        process: of the model.
        noise: `(B, C, T)`.
        level: `(B,)` that it starts from.
        init: `(B, C, T)` that is varied; None for none.
    """
    if sampler.scale == "sigma":
        scaled = noise * spread(level, noise)
        return scaled if init is None else init.to(noise) + scaled
    if init is None:
        return noise
    return init.to(noise) * spread(process.signal(level), noise) + noise * spread(process.noise(level), noise)


def _lengths(length: int | Sequence[int] | None, noise: Tensor) -> list[int]:
    if length is None:
        length = noise.shape[-1]
    lengths = [length] * len(noise) if isinstance(length, int) else [int(frames) for frames in length]
    if len(lengths) != len(noise):
        raise SamplerError(f"There are {len(lengths)} lengths for a batch of {len(noise)}")
    return lengths


def _check(ready: Plan, noise: Tensor, init: Tensor | None, steps: int | None) -> None:
    if not noise.is_floating_point():
        raise SamplerError(f"noise must be of a floating point type, got {noise.dtype}")
    if init is not None and init.shape != noise.shape:
        raise SamplerError(f"init must be of the shape {tuple(noise.shape)} of noise, got {tuple(init.shape)}")
    if init is None and ready.is_idle:
        raise SamplerError("Without noise to start from, there must be an init")
    if steps is not None and steps != ready.levels.shape[1] - 1:
        raise SamplerError(f"times are {ready.levels.shape[1] - 1} steps, but steps is {steps}: leave out one of them")
