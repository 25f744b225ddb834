"""One batch of sounds: conditions, latents, audio.

Letters: B batch, C audio channels, T samples, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.diffusion.conditions import CONDITION
from narrows.models.diffusion.generation.decoding import Reach, decoded
from narrows.models.diffusion.generation.finite import check_finite
from narrows.models.diffusion.generation.inpainting import fitted, kept_frames, kept_samples, latents_of, put_back
from narrows.models.diffusion.generation.lengths import Layout, layout_of
from narrows.models.diffusion.generation.parts import Workplace
from narrows.models.diffusion.generation.requests import Item
from narrows.models.diffusion.inpainting import IDS, inpainting_conditions

logger = logging.getLogger(__name__)

GUIDANCE = 6.0
"""What stable-audio-tools guides by where nobody says."""


@dataclass(frozen=True)
class Known:
    """What is known of a sound before it is generated."""

    audio: Tensor
    """`(C, T)`."""
    kept: Tensor
    """`(T,)`."""
    latents: Tensor
    """`(D, L)`."""
    frames: Tensor
    """`(L,)`."""


@dataclass(frozen=True)
class Batch:
    """Items of which the conditions are encoded."""

    items: Sequence[Item]
    tensors: dict[str, Any]
    """What the conditioners gave, by id."""
    negative: dict[str, Any] | None
    """The same of what to stay away from."""


def layout(model: Any, item: Item) -> Layout:
    """The lengths of an item."""
    return layout_of(model, item.seconds, item.request.loop, item.request.extend is not None)


@torch.no_grad()
def encoded_batch(model: Any, items: Sequence[Item], place: Workplace) -> Batch:
    """Encode the conditions of items."""
    if model.conditioner is None:
        return Batch(items, {}, None if items[0].negative is None else {})
    seeds = [item.seed for item in items]
    with place.holding(model.conditioner):
        tensors = _tensors(model, [item.conditions for item in items], seeds, place)
        negative = None
        if items[0].negative is not None:
            _warn_of_deafness(model, items[0])
            negative = _tensors(model, [item.negative or {} for item in items], seeds, place)
    return Batch(items, tensors, negative)


@torch.no_grad()
def sounds_of(
    model: Any, batch: Batch, place: Workplace, reach: Reach, on_step: Any, more: Mapping[str, Any]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Audio `(C, T)` and latents `(D, L)` of every item.

    Args:
        model: the diffusion model.
        batch: of `encoded_batch`.
        place: where its parts work.
        reach: of its decoder.
        on_step: called with each step of the sampler.
        more: further arguments of `DiffusionModel.sample`, in place of those of the requests.
    """
    lengths = [layout(model, item) for item in batch.items]
    frames = max(length.frames for length in lengths)
    with place.holding(model.pretransform):
        known = [_known(model, item, frames) for item in batch.items]
        varied = _varied(model, batch.items, frames)
    with place.holding(model.model):
        latents = _latents(model, batch, lengths, known, {**varied, "on_step": on_step, **more})
    with place.holding(model.pretransform) as device:
        for item, length, kept, padded in zip(batch.items, lengths, known, latents, strict=True):
            one = padded[:, : length.frames]
            there = one if model.pretransform is None or place.device is None else one.to(device)
            audio = decoded(model, there, length.samples, item.request.loop, reach)
            if kept is not None:
                audio = put_back(audio, kept.audio, kept.kept, model.sample_rate)
            yield audio, one.cpu()


def _latents(
    model: Any, batch: Batch, lengths: Sequence[Layout], known: Sequence[Known | None], more: Mapping[str, Any]
) -> Tensor:
    items, request = batch.items, batch.items[0].request
    own = [length.frames for length in lengths]
    frames = max(own)
    tensors, held = _told(model, _moved(model, batch.tensors), known, len(items), frames)
    negative = None
    if batch.negative is not None:
        negative = _moved(model, batch.negative) | {name: tensors[name] for name in IDS if name in tensors}
    scale = GUIDANCE if request.cfg_scale is None and model.conditioner is not None else request.cfg_scale
    # As the reference's generation asks of every backbone.
    options: dict[str, Any] = {"cfg_scale": 1.0 if scale is None else scale, "batch_cfg": True, "rescale_cfg": True}
    options |= {"steps": request.steps, "sampler": request.sampler, "schedule": request.schedule}
    options |= {"known": held, "windows": lengths[0].windows, "negative": negative}
    options |= {"lengths": own if min(own) < frames else None}
    seeds = [item.seed for item in items]
    latents: Tensor = model.sample(tensors, frames, seed=seeds, **{**options, **more})
    check_finite(model, latents)
    return latents


def _varied(model: Any, items: Sequence[Item], frames: int) -> dict[str, Any]:
    if items[0].init is None:
        return {}
    size = frames * model.downsampling_ratio
    varied = [latents_of(model, fitted(model, item.init, size), item.seed) for item in items if item.init]
    return {"init": torch.stack(varied), "init_noise_level": items[0].request.init_noise_level}


def _known(model: Any, item: Item, frames: int) -> Known | None:
    if item.known is None:
        return None
    samples, ratio = layout(model, item).samples, model.downsampling_ratio
    waveform, rate = item.known
    audio = fitted(model, item.known, frames * ratio)
    given = int(waveform.shape[-1] * model.sample_rate // rate)
    kept = kept_samples(item.request.regions, model.sample_rate, given, samples)
    latents = latents_of(model, audio, item.seed)
    return Known(audio[:, :samples], kept, latents, kept_frames(kept, ratio, frames))


def _tensors(
    model: Any, conditions: Sequence[Mapping[str, Any]], seeds: Sequence[int], place: Workplace
) -> dict[str, Any]:
    device = place.device or next(model.parameters()).device
    generators = [Generator().manual_seed(seed) for seed in seeds]
    made = model.conditioner([dict(item) for item in conditions], device, generators)
    # What is encoded long before it is used waits off the device.
    return dict(made) if place.device is None else _to(made, torch.device("cpu"))


def _moved(model: Any, tensors: Mapping[str, Any]) -> dict[str, Any]:
    return _to(tensors, next(model.model.parameters()).device)


def _to(tensors: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
    return {
        name: tuple(None if tensor is None else tensor.to(device) for tensor in pair) for name, pair in tensors.items()
    }


def _told(
    model: Any, tensors: dict[str, Any], known: Sequence[Known | None], count: int, frames: int
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
