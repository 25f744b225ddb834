"""Generation functions of stable-audio-tools (`stable_audio_tools.inference.generation`), over the models here.

Same arguments and the same numbers for a seed on a CPU: a seed is given to the global generator, which all noise comes
from. What raises there does what was meant: unconditional models, and one inpainting mask for several items. Settings
of CUDA are left as they are, and the device is that of the model unless one is named.

Letters: B batch, C audio channels, D channels that are diffused, L frames of them, T samples.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from narrows.audio.prepare import prepare_audio
from narrows.models.compat.sampling import sample_k, sample_rf
from narrows.models.compat.schedules import DistributionShift
from narrows.models.diffusion.generation.inpainting import channels_for
from narrows.models.diffusion.inpainting import frames_mask, inpainting_conditions

if TYPE_CHECKING:
    from narrows.models.diffusion.model import DiffusionModel

logger = logging.getLogger(__name__)

Metadata = Sequence[Mapping[str, Any]]
Tensors = Mapping[str, Any]
RatedAudio = tuple[int, Tensor]
"""Rate in Hz and waveform `(C, T)`."""
PREDICTED = {"batch_cfg": True, "rescale_cfg": True}
"""What the reference asks of every guided model."""


def generate_diffusion_uncond(
    model: DiffusionModel,
    steps: int = 250,
    batch_size: int = 1,
    sample_size: int = 2097152,
    seed: int = -1,
    device: Any = None,
    init_audio: RatedAudio | None = None,
    init_noise_level: float = 1.0,
    return_latents: bool = False,
    **sampler_kwargs: Any,
) -> Tensor:
    """Audio `(B, C, T)` of an unconditional model.

    Args:
        model: the model.
        steps: of the sampler.
        batch_size: items.
        sample_size: T, in samples.
        seed: of the global generator; -1 for a new one.
        device: where the model is; None to ask it.
        init_audio: rate and waveform `(C, T)` to vary.
        init_noise_level: noise to start the variation from.
        return_latents: return what was diffused, `(B, D, L)`.
        sampler_kwargs: of `sample_k` or `sample_rf`.
    """
    noise = _noise(model, batch_size, sample_size, seed, device)
    init = _encoded(model, init_audio, sample_size, batch_size, noise.device)
    if init is not None:
        sampler_kwargs["sigma_max"] = init_noise_level
    return _finished(model, _sampled(model, noise, init, steps, sampler_kwargs), return_latents)


def generate_diffusion_cond(
    model: DiffusionModel,
    steps: int = 250,
    cfg_scale: float = 6,
    conditioning: Metadata | None = None,
    conditioning_tensors: Tensors | None = None,
    negative_conditioning: Metadata | None = None,
    negative_conditioning_tensors: Tensors | None = None,
    batch_size: int = 1,
    sample_size: int = 2097152,
    sample_rate: int = 48000,
    seed: int = -1,
    device: Any = None,
    init_audio: RatedAudio | None = None,
    init_noise_level: float = 1.0,
    return_latents: bool = False,
    **sampler_kwargs: Any,
) -> Tensor:
    """Audio `(B, C, T)` of a conditional model.

    Args:
        model: the model.
        steps: of the sampler.
        cfg_scale: guidance.
        conditioning: a mapping of conditions an item.
        conditioning_tensors: what the conditioner gave, in its place.
        negative_conditioning: conditions to stay away from.
        negative_conditioning_tensors: what the conditioner gave of them, in their place.
        batch_size: items.
        sample_size: T, in samples.
        sample_rate: ignored, as in the reference: the model knows its own.
        seed: of the global generator; -1 for a new one.
        device: where the model is; None to ask it.
        init_audio: rate and waveform `(C, T)` to vary.
        init_noise_level: noise to start the variation from.
        return_latents: return what was diffused, `(B, D, L)`.
        sampler_kwargs: of `sample_k` or `sample_rf`, and of `predict`.

    Raises:
        ValueError: there are neither `conditioning` nor `conditioning_tensors`.
    """
    noise = _noise(model, batch_size, sample_size, seed, device)
    tensors = _conditions(model, conditioning, conditioning_tensors, noise.device)
    if tensors is None:
        raise ValueError("Must provide either conditioning or conditioning_tensors")
    negative = _conditions(model, negative_conditioning, negative_conditioning_tensors, noise.device)
    init = _encoded(model, init_audio, sample_size, batch_size, noise.device)
    if init is not None:
        sampler_kwargs["sigma_max"] = init_noise_level
    if model.diffusion_objective != "v":
        sampler_kwargs["dist_shift"] = _shift(model)
    inputs = _inputs(model, tensors, negative)
    sampled = _sampled(model, noise, init, steps, sampler_kwargs, inputs, cfg_scale=cfg_scale, **PREDICTED)
    return _finished(model, sampled, return_latents)


def generate_diffusion_cond_inpaint(
    model: DiffusionModel,
    steps: int = 250,
    cfg_scale: float = 6,
    conditioning: Metadata | None = None,
    conditioning_tensors: Tensors | None = None,
    negative_conditioning: Metadata | None = None,
    negative_conditioning_tensors: Tensors | None = None,
    batch_size: int = 1,
    sample_size: int = 2097152,
    seed: int = -1,
    device: Any = None,
    init_audio: RatedAudio | None = None,
    init_noise_level: float = 1.0,
    inpaint_audio: RatedAudio | None = None,
    inpaint_mask: Tensor | None = None,
    return_latents: bool = False,
    **sampler_kwargs: Any,
) -> Tensor:
    """Audio `(B, C, T)` of an inpainting model; the known samples are not put back.

    Args:
        model: the model.
        steps: of the sampler.
        cfg_scale: guidance.
        conditioning: a mapping of conditions an item.
        conditioning_tensors: what the conditioner gave, in its place.
        negative_conditioning: conditions to stay away from.
        negative_conditioning_tensors: what the conditioner gave of them, in their place.
        batch_size: items.
        sample_size: T, in samples.
        seed: of the global generator; -1 for a new one.
        device: where the model is; None to ask it.
        init_audio: rate and waveform `(C, T)` to vary.
        init_noise_level: noise to start the variation from.
        inpaint_audio: rate and waveform `(C, T)`, of which the mask keeps parts; None for silence.
        inpaint_mask: `(B, T)` or `(1, T)`, 1 keeps; None keeps nothing.
        return_latents: return what was diffused, `(B, D, L)`.
        sampler_kwargs: of `sample_k` or `sample_rf`, and of `predict`.

    Raises:
        ValueError: there are neither `conditioning` nor `conditioning_tensors`.
    """
    noise = _noise(model, batch_size, sample_size, seed, device)
    tensors = _conditions(model, conditioning, conditioning_tensors, noise.device)
    if tensors is None:
        raise ValueError("Must provide either conditioning or conditioning_tensors")
    negative = _conditions(model, negative_conditioning, negative_conditioning_tensors, noise.device)
    init = _encoded(model, init_audio, sample_size, batch_size, noise.device)
    known = _encoded(model, inpaint_audio, sample_size, batch_size, noise.device)
    if init is not None:
        sampler_kwargs["sigma_max"] = init_noise_level
    mask = noise.new_zeros(batch_size, noise.shape[-1])
    if inpaint_mask is not None:
        mask = frames_mask(inpaint_mask.to(noise.device), noise.shape[-1])
    told = inpainting_conditions(torch.zeros_like(noise) if known is None else known, mask)
    # `None` and no entries are one in the reference: without conditions to stay away from, nothing is told there.
    inputs = _inputs(model, {**tensors, **told}, {**negative, **told} if negative else None)
    sampled = _sampled(model, noise, init, steps, sampler_kwargs, inputs, cfg_scale=cfg_scale, **PREDICTED)
    return _finished(model, sampled, return_latents)


def _noise(model: DiffusionModel, batch: int, samples: int, seed: int, device: Any) -> Tensor:
    """The noise to start from, the first draw after the seed."""
    if seed == -1:
        seed = int(np.random.randint(0, 2**32 - 1, dtype=np.uint32))
    logger.info("seed %d", seed)
    torch.manual_seed(seed)
    frames = samples // model.downsampling_ratio
    where = next(model.parameters()).device if device is None else device
    noise = torch.randn([batch, model.io_channels, frames], device=where)
    return noise.type(next(model.model.parameters()).dtype)


def _conditions(
    model: DiffusionModel, metadata: Metadata | None, tensors: Tensors | None, device: torch.device
) -> Tensors | None:
    if tensors is not None or metadata is None:
        return tensors
    if model.conditioner is None:
        return {}
    with torch.no_grad():
        given: Tensors = model.conditioner(metadata, device)
    return given


def _inputs(model: DiffusionModel, tensors: Tensors, negative: Tensors | None) -> dict[str, Any]:
    inputs = model.get_conditioning_inputs(tensors)
    return inputs | ({} if negative is None else model.get_conditioning_inputs(negative, negative=True))


@torch.no_grad()
def _encoded(
    model: DiffusionModel, audio: RatedAudio | None, samples: int, batch: int, device: torch.device
) -> Tensor | None:
    if audio is None:
        return None
    rate, waveform = audio
    prepared = prepare_audio(waveform, rate, model.sample_rate, samples, channels_for(model, waveform), device)
    return model.encode(prepared).repeat(batch, 1, 1)


def _shift(model: DiffusionModel) -> DistributionShift | None:
    """The shift of the model's times, which `rk4` alone heeds; None for none, and for those of Stable Audio 3."""
    options = dict(model.distribution_shift or {"type": "none"})
    return DistributionShift(**options) if options.pop("type") == "full" else None


@torch.no_grad()
def _sampled(
    model: DiffusionModel,
    noise: Tensor,
    init: Tensor | None,
    steps: int,
    sampling: Mapping[str, Any],
    inputs: Mapping[str, Any] | None = None,
    **predicting: Any,
) -> Tensor:
    def network(x: Tensor, t: Tensor, **told: Any) -> Any:
        return model.predict(x, t, inputs, **told)

    options = {**sampling, **predicting, "steps": steps, "init_data": init}
    if model.diffusion_objective == "v":
        return sample_k(network, noise, **options)
    options = {key: value for key, value in options.items() if key not in ("sigma_min", "rho")}
    return sample_rf(network, noise, **options)


@torch.no_grad()
def _finished(model: DiffusionModel, latents: Tensor, return_latents: bool) -> Tensor:
    return latents if return_latents else model.decode(latents)
