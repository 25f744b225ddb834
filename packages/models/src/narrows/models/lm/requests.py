"""Generating sounds of requests: conditions, lengths, seeds and prompts, one an item.

Letters: B items, K codebooks, T frames, C channels.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from narrows.models.conditioners.multi import MultiConditioner
from narrows.models.conditioners.request import check_request, text_key
from narrows.models.lm.errors import LanguageModelError


class LanguageModel(Protocol):
    """What generation asks of a language model; `narrows.models.lm.model.AudioLanguageModel` has it."""

    lm: Any
    pretransform: Any
    conditioner: Any
    sample_rate: Any
    io_channels: Any

    @property
    def decode(self) -> Any:
        """Audio `(B, C, samples)` of codes `(B, K, T)`."""
        ...

    @property
    def stream_codes(self) -> Any:
        """Codes as they are complete."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it is."""
        ...


@dataclass(frozen=True)
class Request:
    """One sound."""

    conditions: Mapping[str, Any]
    """What the conditioners read."""
    seconds: float
    """Length, that of the prompt included; an end token may make it shorter."""
    seed: int
    """Of the item's draws."""
    prompt: Tensor | None = None
    """Codes `(K, t)` of the first frames."""


@dataclass(frozen=True)
class GeneratedSound:
    """One sound that was made."""

    index: int
    """Of the request."""
    request: Request
    audio: Tensor
    """`(C, samples)`."""
    codes: Tensor
    """`(K, T)`."""


@dataclass(frozen=True)
class LMGeneration:
    """Sounds of requests."""

    audio: list[Tensor]
    """`(C, samples)` each."""
    codes: list[Tensor]
    """`(K, T)` each."""
    requests: list[Request]


def make_requests(
    conditions: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
    seconds: float | Sequence[float],
    seed: int | Sequence[int] | None,
    count: int,
    prompts: Sequence[Tensor | None] | None = None,
) -> list[Request]:
    """Requests of what a caller says; one value holds for all items, but a seed counts up.

    Args:
        conditions: of one item, or of each; None for an unconditional model.
        seconds: length of all items, or of each.
        seed: of the first item, which counts up, or of each; None for a random one.
        count: sounds of each item.
        prompts: codes `(K, t)` of each item.
    """
    if count < 1:
        raise LanguageModelError(f"count must be at least 1, got {count}")
    given = [{}] if conditions is None else [conditions] if isinstance(conditions, Mapping) else list(conditions)
    sizes = [len(values) for values in (seconds, seed, prompts) if isinstance(values, Sequence)]
    items = max(len(given), *(1 if size == len(given) * count else size for size in sizes), 1)
    total = items * count
    repeated = [c for c in _each("conditions", given if len(given) > 1 else given[0], items) for _ in range(count)]
    lengths = _spread("seconds", seconds, items, count)
    if seed is None:
        seed = secrets.randbits(31)
    seeds = [seed + i for i in range(total)] if isinstance(seed, int) else _spread("seed", seed, items, count)
    starts = _spread("prompts", prompts, items, count)
    for index, length in enumerate(lengths):
        if not length > 0:
            raise LanguageModelError(f"Item {index}: seconds must be above 0, got {length}")
    return [Request(*values) for values in zip(repeated, lengths, seeds, starts, strict=True)]


def asked(conditioner: Any, given: Any) -> Any:
    """Conditions of prompts, mappings or a list of those; a bare prompt fills the first text condition.

    Args:
        conditioner: of the model; only those that can tell what is wrong are asked.
        given: as `AudioLanguageModel.generate` takes it.

    Raises:
        LanguageModelError: a condition is unknown, missing, or has a wrong value; the item is named.
    """
    if not isinstance(conditioner, MultiConditioner) or given is None:
        return given
    every: list[Any] = [given] if isinstance(given, str | Mapping) else list(given)
    items: list[Any] = [
        {text_key(conditioner, i): item} if isinstance(item, str) else item for i, item in enumerate(every)
    ]
    if problems := check_request(conditioner, items):
        raise LanguageModelError("\n".join(str(problem) for problem in problems))
    return items


def generate_requests(
    model: LanguageModel, requests: Sequence[Request], batch_size: int | None = None, **options: Any
) -> LMGeneration:
    """The sounds of requests, all of them; arguments as for `stream_requests`."""
    made = sorted(stream_requests(model, requests, batch_size, **options), key=lambda sound: sound.index)
    return LMGeneration([sound.audio for sound in made], [sound.codes for sound in made], list(requests))


def stream_requests(
    model: LanguageModel, requests: Sequence[Request], batch_size: int | None = None, **options: Any
) -> Iterator[GeneratedSound]:
    """The sounds of requests, batch by batch; each is what it is alone, whatever is worked on beside it.

    Args:
        model: the language model.
        requests: the items.
        batch_size: items to work on at a time; None for all that fit together.
        options: of `AudioLanguageModel.stream_codes`.
    """
    one_length = not model.lm.is_streamable or options.get("window") is not None
    for batch in _batches(model, requests, batch_size, one_length):
        for index, codes in zip(batch, _batch(model, [requests[i] for i in batch], **options), strict=True):
            samples = round(requests[index].seconds * model.sample_rate)
            nothing = codes.new_zeros(model.io_channels, 0).float()
            decoded = model.decode(codes[None])[0] if codes.shape[-1] else nothing
            yield GeneratedSound(index, requests[index], decoded[:, :samples], codes)


def frames_of(model: LanguageModel, seconds: float) -> int:
    """Frames that hold so many seconds."""
    return max(1, ceil(round(seconds * int(model.sample_rate)) / int(model.pretransform.downsampling_ratio)))


def _batches(
    model: LanguageModel, requests: Sequence[Request], size: int | None, one_length: bool
) -> Iterator[list[int]]:
    """Items that can be worked on together: with prompts of one length, and of one length where that matters."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, request in enumerate(requests):
        start = 0 if request.prompt is None else request.prompt.shape[-1]
        length = frames_of(model, request.seconds) if one_length else 0
        groups.setdefault((start, length), []).append(index)
    for group in groups.values():
        step = size or len(group)
        yield from (group[i : i + step] for i in range(0, len(group), step))


def _batch(model: LanguageModel, requests: Sequence[Request], **options: Any) -> Iterator[Tensor]:
    """Codes `(K, T)` of items that are worked on together."""
    tensors = None
    if model.conditioner is not None:
        with torch.no_grad():
            tensors = model.conditioner([dict(request.conditions) for request in requests], model.device)
    prompts = [request.prompt for request in requests if request.prompt is not None]
    frames = [frames_of(model, request.seconds) for request in requests]
    parts = list(
        model.stream_codes(
            max(frames),
            len(requests),
            tensors,
            torch.stack(prompts) if prompts else None,
            lengths=frames,
            generator=[Generator().manual_seed(request.seed) for request in requests],
            **options,
        )
    )
    made, lengths = torch.cat([part.codes for part in parts], dim=-1), parts[-1].lengths.tolist()
    for item, count in enumerate(frames):
        yield made[item, :, : min(count, lengths[item])]


def _each(name: str, values: Any, count: int) -> list[Any]:
    """A value for each item."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return [values] * count
    if len(values) == 1:
        return list(values) * count
    if len(values) != count:
        raise LanguageModelError(f"There are {len(values)} {name} for {count} items")
    return list(values)


def _spread(name: str, values: Any, items: int, count: int) -> list[Any]:
    """A value for each sound: given for all, for each item, or for each sound."""
    if isinstance(values, Sequence) and len(values) == items * count:
        return list(values)
    return [value for value in _each(name, values, items) for _ in range(count)]
