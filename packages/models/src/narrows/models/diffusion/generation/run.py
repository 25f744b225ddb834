"""Working on requests in batches of like frames and equal options, so that no item depends on those beside it.

Letters: B batch, C audio channels, T samples, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from narrows.models.diffusion.generation.batch import Batch, encoded_batch, layout, sounds_of
from narrows.models.diffusion.generation.buckets import alike, paddable
from narrows.models.diffusion.generation.decoding import reach_of
from narrows.models.diffusion.generation.parts import Workplace
from narrows.models.diffusion.generation.requests import Item

SHARED = ("steps", "cfg_scale", "sampler", "schedule", "init_noise_level", "loop")
"""Fields of a request that a batch has in common."""
CPU_FRAMES = 512
"""Frames at a time on a processor, which gains nothing from more and loses its caches: 8 sounds of a small model took
1.32 s one by one, 1.15 s by 512 frames and 1.32 s by 1024."""


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


def batches(
    model: Any, items: Sequence[Item], size: int | None = None, device: torch.device | str | None = None
) -> list[list[int]]:
    """Positions of items that are worked on together; a fixed plan of the requests alone.

    Args:
        model: the diffusion model.
        items: what is asked for.
        size: items at a time; None for all that fit together, and on a processor for `CPU_FRAMES`.
        device: where the model will work; None for where it is.
    """
    there = next(model.parameters()).device if device is None else torch.device(device)
    lengths = [layout(model, item) for item in items]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, (item, length) in enumerate(zip(items, lengths, strict=True)):
        options = tuple(getattr(item.request, name) for name in SHARED)
        frames = None if paddable(model, item, length) else length.frames
        place = (frames, length.windows, item.init is None, item.negative is None)
        groups.setdefault((*options, *place, item.known is None), []).append(index)

    def most(frames: int) -> int:
        return size or (max(1, CPU_FRAMES // frames) if there.type == "cpu" else len(items))

    frames_of = [length.frames for length in lengths]
    return [batch for group in groups.values() for batch in alike(group, frames_of, most)]


def generated(
    model: Any,
    items: Sequence[Item],
    batch_size: int | None = None,
    on_step: Any = None,
    *,
    device: torch.device | str | None = None,
    plan: Sequence[Sequence[int]] | None = None,
    **options: Any,
) -> Iterator[GeneratedItem]:
    """Sounds, batch by batch; each is what it is alone.

    Args:
        model: the diffusion model, in eval mode.
        items: what is asked for.
        batch_size: items to work on at a time; None for all that fit together, and on a processor for `CPU_FRAMES`.
        on_step: called with each step of the sampler.
        device: where the parts of the model work, one at a time, to go back to where they are now when they are done.
            All conditions are encoded first, and frozen encoders released. None to work where the model is.
        plan: batches of positions, of those of `batches`; None for all.
        options: in place of those of the requests, for `DiffusionModel.sample`.
    """
    place = Workplace(None if device is None else torch.device(device))
    chosen = batches(model, items, batch_size, device) if plan is None else plan
    work: Iterator[Batch] = (encoded_batch(model, [items[index] for index in indices], place) for indices in chosen)
    if device is not None:
        work = iter(list(work))
        if model.conditioner is not None:
            model.conditioner.release()
    reach = reach_of(model)
    for indices, batch in zip(chosen, work, strict=True):
        sounds = sounds_of(model, batch, place, reach, on_step, options)
        for index, (audio, latents) in zip(indices, sounds, strict=True):
            yield GeneratedItem(index, items[index], audio, latents)


def collected(items: Sequence[Item], made: Iterator[GeneratedItem], return_info: bool) -> Any:
    """All sounds in their order: a `DiffusionGeneration`, or audio `(B, C, T)` with zeros behind shorter ones."""
    done = sorted(made, key=lambda one: one.index)
    if return_info:
        requests = [item.request for item in items]
        return DiffusionGeneration([one.audio for one in done], [one.latents for one in done], requests)
    audio = [one.audio for one in done]
    done.clear()
    return audio[0][None] if len(audio) == 1 else _padded(audio)


def _padded(audio: list[Tensor]) -> Tensor:
    """Sounds `(C, T)` as a batch, each let go once it is copied."""
    out = audio[0].new_zeros(len(audio), audio[0].shape[0], max(sound.shape[-1] for sound in audio))
    while audio:
        sound = audio.pop()
        out[len(audio), :, : sound.shape[-1]] = sound
    return out
