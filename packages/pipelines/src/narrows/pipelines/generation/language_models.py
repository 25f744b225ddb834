"""Requests for language models, checked like those for diffusion models, and worked in the same kind of plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from narrows.configs import GenerationRequest, load_part
from narrows.models.conditioners.request import check_request, text_key
from narrows.models.conditioners.waveforms import fit_audio
from narrows.models.diffusion.generation.requests import Item, RequestError
from narrows.models.lm.masked.network import MaskedNetwork
from narrows.pipelines.generation.audio_conditions import with_audio

DIFFUSION = ("negative", "sampler", "schedule", "init_audio", "extend", "loop")
MASKED = ("steps", "inpaint", "regions")
SHARED = ("cfg_scale", "temperature", "top_k", "top_p", "prompt_audio", "seconds", *MASKED)


def token_item(model: Any, document: Mapping[str, Any], read: Callable[[str], tuple[Tensor, int]]) -> Item:
    """One sound of a language model.

    Args:
        model: the language model.
        document: the request.
        read: gives the audio of a file.

    Raises:
        RequestError: the request cannot be met as it stands.
    """
    request = load_part(document, GenerationRequest)
    for name in DIFFUSION:
        if getattr(request, name) not in (None, False):
            raise RequestError(f"Item 0: {name} is for diffusion models, this is a language model")
    for name in MASKED:
        if getattr(request, name) and not isinstance(model.lm, MaskedNetwork):
            raise RequestError(f"Item 0: {name} is for diffusion models and masked language models, this is another")
    if bool(request.inpaint) != bool(request.regions) or (request.inpaint and request.prompt_audio):
        raise RequestError("Item 0: give inpaint and regions together, and without prompt_audio")
    conditions = dict(with_audio(model, request, read).conditions)
    if model.conditioner is None and (conditions or request.prompt is not None):
        raise RequestError("Item 0: this model has no conditions: leave out prompt and conditions")
    if request.prompt is not None:
        conditions[text_key(model.conditioner, 0)] = request.prompt
    if request.seconds is None:
        raise RequestError("Item 0: seconds is missing: a language model does not say how long its sounds are")
    samples = round(request.seconds * model.sample_rate)
    conditions = fit_audio(model.conditioner, conditions, model.sample_rate, samples)
    problems = [] if model.conditioner is None else check_request(model.conditioner, [conditions])
    if problems:
        raise RequestError("\n".join(str(problem) for problem in problems))
    return Item(request, conditions)


def token_batches(items: Sequence[Item], size: int) -> list[list[int]]:
    """Positions of items that are worked on together."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(tuple(repr(getattr(item.request, name)) for name in SHARED), []).append(index)
    return [group[start : start + size] for group in groups.values() for start in range(0, len(group), size)]


def token_sounds(
    model: Any,
    items: Sequence[Item],
    read: Callable[[str], tuple[Tensor, int]],
    on_step: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[int, Tensor]]:
    """Positions and sounds `(C, T)` of a batch of `token_batches`.

    Args:
        model: the language model.
        items: of the batch.
        read: gives the audio of a file.
        on_step: called with the steps done and those that there are.
    """
    request = items[0].request
    options = {name: getattr(request, name) for name in ("cfg_scale", "temperature", "top_k", "top_p")}
    if request.steps is not None:
        options["decoding_steps"] = [request.steps]
    made = model.generate(
        [item.conditions for item in items] if model.conditioner is not None else None,
        seconds=[item.seconds for item in items],
        seed=[item.seed for item in items],
        prompt_audio=read(request.prompt_audio) if request.prompt_audio else None,
        inpaint=read(request.inpaint) if request.inpaint else None,
        regions=request.regions or None,
        return_info=True,
        on_step=on_step,
        **{name: value for name, value in options.items() if value is not None},
    )
    yield from enumerate(audio.float().cpu() for audio in made.audio)
