"""Working on requests in batches of equal frames and options, so that no item depends on those beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.diffusion.conditions import CONDITION
from narrows.models.diffusion.generation.inpainting import fitted, kept_frames, kept_samples, latents_of, put_back
from narrows.models.diffusion.generation.requests import Item
from narrows.models.diffusion.inpainting import IDS, inpainting_conditions

logger = logging.getLogger(__name__)

GUIDANCE = 6.0
"""What stable-audio-tools guides by where nobody says."""
SHARED = ("steps", "cfg_scale", "sampler", "schedule", "init_noise_level")
"""Fields of a request that a batch has in common."""


@dataclass(frozen=True)
class GeneratedItem:
    """One sound."""

    index: int
    """Of the request."""
    item: Item
    audio: Tensor
    """`(C, T)`."""
    latents: Tensor
    """`(D, L)`."""


@dataclass(frozen=True)
class DiffusionGeneration:
    """Sounds of requests."""

    audio: list[Tensor]
    """`(C, T)` each."""
    latents: list[Tensor]
    """`(D, L)` each."""
    requests: list[Any]
    """A `GenerationRequest` each, with seed and length."""


@dataclass(frozen=True)
class _Known:
    """What is known of a sound before it is generated."""

    audio: Tensor
    """`(C, T)`."""
    kept: Tensor
    """`(T,)`."""
    latents: Tensor
    """`(D, L)`."""
    frames: Tensor
    """`(L,)`."""


def frames_of(model: Any, seconds: float) -> int:
    """Frames that are diffused for so many seconds: those of the training crop, unless the length varies."""
    samples = round(seconds * model.sample_rate)
    if model.sample_size is not None and not model.varying_length:
        samples = max(samples, model.sample_size)
    frames = -(-samples // model.downsampling_ratio)
    multiple: int = model.length_multiple
    return int(-(-frames // multiple) * multiple)


def batches(model: Any, items: Sequence[Item], size: int | None = None) -> list[list[int]]:
    """Positions of items that are worked on together; a fixed plan of the requests alone."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, item in enumerate(items):
        options = tuple(getattr(item.request, name) for name in SHARED)
        place = (frames_of(model, item.seconds), item.init is None, item.negative is None)
        groups.setdefault((*options, *place, item.known is None), []).append(index)
    plan = []
    for group in groups.values():
        step = size or len(group)
        plan += [group[start : start + step] for start in range(0, len(group), step)]
    return plan


def generated(
    model: Any, items: Sequence[Item], batch_size: int | None = None, on_step: Any = None, **options: Any
) -> Iterator[GeneratedItem]:
    """Sounds, batch by batch; each is what it is alone.

    Args:
        model: the diffusion model, in eval mode.
        items: what is asked for.
        batch_size: items to work on at a time; None for all that fit together.
        on_step: called with each step of the sampler.
        options: in place of those of the requests, for `DiffusionModel.sample`.
    """
    for places in batches(model, items, batch_size):
        yield from _batch(model, places, [items[place] for place in places], on_step, options)


@torch.no_grad()
def _batch(
    model: Any, places: Sequence[int], items: Sequence[Item], on_step: Any, more: Mapping[str, Any]
) -> Iterator[GeneratedItem]:
    request = items[0].request
    frames = frames_of(model, items[0].seconds)
    seeds = [item.seed for item in items]
    known = [_known(model, item, frames) for item in items]
    tensors = _tensors(model, [item.conditions for item in items], seeds)
    tensors, held = _told(model, tensors, known, len(items), frames)
    negative = None
    if items[0].negative is not None:
        _warn_of_deafness(model, items[0])
        negative = _tensors(model, [item.negative or {} for item in items], seeds)
        negative |= {name: tensors[name] for name in IDS if name in tensors}
    scale = GUIDANCE if request.cfg_scale is None and model.conditioner is not None else request.cfg_scale
    options: dict[str, Any] = {
        "steps": request.steps,
        "sampler": request.sampler,
        "schedule": request.schedule,
        "known": held,
    }
    if items[0].init is not None:
        size = frames * model.downsampling_ratio
        varied = [latents_of(model, fitted(model, item.init, size), item.seed) for item in items if item.init]
        options |= {"init": torch.stack(varied), "init_noise_level": request.init_noise_level}
    # As the reference's generation asks of every backbone.
    guided = {"cfg_scale": 1.0 if scale is None else scale, "batch_cfg": True, "rescale_cfg": True}
    latents = model.sample(
        tensors, frames, seed=seeds, negative=negative, on_step=on_step, **guided, **{**options, **more}
    )
    for row, (place, item) in enumerate(zip(places, items, strict=True)):
        audio = model.decode(latents[row : row + 1])[0].float().cpu()
        audio = audio[:, : round(item.seconds * model.sample_rate)]
        if (kept := known[row]) is not None:
            audio = put_back(audio, kept.audio, kept.kept, model.sample_rate)
        yield GeneratedItem(place, item, audio, latents[row].cpu())


def _known(model: Any, item: Item, frames: int) -> _Known | None:
    if item.known is None:
        return None
    samples, ratio = round(item.seconds * model.sample_rate), model.downsampling_ratio
    waveform, rate = item.known
    audio = fitted(model, item.known, frames * ratio)
    given = int(waveform.shape[-1] * model.sample_rate // rate)
    kept = kept_samples(item.request.regions, model.sample_rate, given, samples)
    latents = latents_of(model, audio, item.seed)
    return _Known(audio[:, :samples], kept, latents, kept_frames(kept, ratio, frames))


def _tensors(model: Any, conditions: Sequence[Mapping[str, Any]], seeds: Sequence[Any]) -> dict[str, Any]:
    if model.conditioner is None:
        return {}
    device = next(model.parameters()).device
    generators = [Generator().manual_seed(seed) for seed in seeds]
    return dict(model.conditioner([dict(item) for item in conditions], device, generators))


def _told(
    model: Any, tensors: dict[str, Any], known: Sequence[_Known | None], count: int, frames: int
) -> tuple[dict[str, Any], tuple[Tensor, Tensor] | None]:
    """Conditions with those of inpainting, or what a model holds that was not trained for it."""
    trained = set(IDS) <= {*model.routing.concat, *model.routing.local}
    some = [one for one in known if one is not None]
    parameter = next(model.model.parameters())
    latents = torch.zeros(count, model.io_channels, frames, device=parameter.device, dtype=parameter.dtype)
    kept = torch.zeros(count, 1, frames, device=parameter.device, dtype=torch.bool)
    if some:
        latents = torch.stack([one.latents for one in some]).to(latents)
        kept = torch.stack([one.frames for one in some])[:, None].to(kept.device)
    if trained:
        return tensors | inpainting_conditions(latents, kept.to(latents)), None
    return tensors, (latents, kept) if some else None


def _warn_of_deafness(model: Any, item: Item) -> None:
    """Tell which negative conditions the reference of the model does not hear."""
    if model.guided_conditions is None:
        heard = set(model.routing.cross) if "cross" in model.model.guided else set[str]()
    else:
        names = {CONDITION[place].removesuffix("_cond").split("_")[0]: place for place in model.guided_conditions}
        places = {"cross": "cross", "prepend": "prepend", "global": "vector", "input": "concat"}
        heard = {name for word in names if word in places for name in getattr(model.routing, places[word])}
    read = model.conditioner.key_of
    negative = item.negative or {}
    for name in model.conditioner.ids:
        key = read(negative, name)
        if key is not None and negative[key] is not item.conditions.get(key) and name not in heard:
            logger.warning("This model does not hear what is negative in %r, as in the reference", name)
