"""What is asked of a diffusion model: one request a sound, checked before anything is computed.

Letters: C audio channels, T samples.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from narrows.audio.arrays import rated_audio
from narrows.configs import ConfigError, GenerationRequest, NarrowsError, load_part
from narrows.models.conditioners.request import check_request, text_key
from narrows.models.conditioners.waveforms import fit_audio
from narrows.models.diffusion.generation.lengths import layout_of, window_seconds
from narrows.models.diffusion.samplers.plan import Way, plan, read_sampler
from narrows.models.diffusion.sampling import SAMPLERS

RatedAudio = tuple[Tensor, int]
"""Waveform `(C, T)` and rate in Hz."""
ARGUMENTS = {"init": "init_audio", "known": "inpaint"}
"""What the caller calls them."""


class RequestError(NarrowsError, ValueError):
    """A request cannot be met as it stands."""


@dataclass(frozen=True)
class Item:
    """One sound to be generated."""

    request: GenerationRequest
    """With `seconds` and `seed` filled in."""
    conditions: Mapping[str, Any]
    """What the conditioners read."""
    negative: Mapping[str, Any] | None = None
    """The same of what guidance leads away from."""
    init: RatedAudio | None = None
    """Audio to vary."""
    known: RatedAudio | None = None
    """Audio of which regions are generated anew."""

    @property
    def seconds(self) -> float:
        """Length, with what `extend` adds."""
        assert self.request.seconds is not None, "filled in"
        return self.request.seconds + (self.request.extend or 0.0)

    @property
    def seed(self) -> int:
        """Of all its noise."""
        assert self.request.seed is not None, "filled in"
        return self.request.seed


def make_items(model: Any, prompts: Any, count: int, audio: Mapping[str, Any], **values: Any) -> list[Item]:
    """The sounds that a caller asks for; one value holds for all items, but a seed counts up.

    Args:
        model: the diffusion model.
        prompts: None, a text, a mapping of conditions, a `GenerationRequest`, or a list of those.
        count: sounds of each item.
        audio: `init` and `known`, waveforms for all items or a list of one an item.
        values: other fields of `GenerationRequest`, for all items or a list of one an item.

    Raises:
        RequestError: something is wrong with an item, which is named.
        AudioArrayError: audio is no waveform with its rate.
    """
    _check_names(values)
    if count < 1:
        raise RequestError(f"count must be at least 1, got {count}")
    single = not isinstance(prompts, Sequence) or isinstance(prompts, str)
    given: list[Any] = [prompts] if single else list(prompts)
    seeds = values.pop("seed", None)
    lists = {name: value for name, value in values.items() if _is_list(name, value)}
    if len(given) == 1 and lists:
        given *= max(len(value) for value in lists.values())
    for name, value in {**lists, **{k: v for k, v in audio.items() if isinstance(v, list)}}.items():
        if len(value) != len(given):
            raise RequestError(f"There are {len(value)} values of {name} for {len(given)} items")
    items = []
    every = _seeds(seeds, len(given) * count)
    for index, prompt in enumerate(given):
        own = {name: value[index] if name in lists else value for name, value in values.items()}
        media = {name: value[index] if isinstance(value, list) else value for name, value in audio.items()}
        media = {name: None if value is None else rated_audio(value, ARGUMENTS[name]) for name, value in media.items()}
        for number in range(count):
            seed = every[index * count + number]
            items.append(_item(model, index, prompt, {**own, "seed": seed}, media, number))
    return items


def _check_names(values: Mapping[str, Any]) -> None:
    """Refuse arguments that a request does not have.

    Raises:
        RequestError: any.
    """
    for name in values:
        if name not in GenerationRequest.model_fields:
            known = ", ".join(GenerationRequest.model_fields)
            raise RequestError(f"generate has no argument {name!r}; a request has {known}")


def _is_list(name: str, value: Any) -> bool:
    if name == "regions":  # a list of pairs is for all items
        return isinstance(value, list) and bool(value) and isinstance(value[0], list)
    return isinstance(value, Sequence) and not isinstance(value, str)


def _seeds(seed: int | Sequence[int | None] | None, total: int) -> list[int | None]:
    if seed is None:
        return [None] * total
    if isinstance(seed, int):
        return [seed + index for index in range(total)]
    if len(seed) == 1 and seed[0] is not None:
        return [seed[0] + index for index in range(total)]
    if len(seed) != total:
        raise RequestError(f"There are {len(seed)} seeds for {total} sounds")
    return list(seed)


def _item(
    model: Any, index: int, prompt: Any, values: Mapping[str, Any], media: Mapping[str, Any], number: int = 0
) -> Item:
    """One sound; `number` counts up the seed that a request brings itself."""
    document = _document(prompt) | {key: value for key, value in values.items() if value is not None}
    document |= _wanted(model, document)
    if "regions" in document:
        document["regions"] = [list(region) for region in document["regions"]]
    try:
        request = load_part(document, GenerationRequest)
    except ConfigError as error:
        raise RequestError(f"Item {index}: {error}") from error
    _refuse_tokens(index, request)
    conditions = _conditions(model, index, request)
    seconds = _seconds(model, index, request, conditions, media.get("known"))
    whole = seconds + (request.extend or 0.0)
    _check_loop(model, index, request, media)
    conditions, negative = _complete(model, index, request, conditions, whole)
    if (request.regions or request.inpaint) and media.get("known") is None:
        raise RequestError(f"Item {index}: there are regions, but no audio to inpaint")
    for start, end in request.regions:
        if not start < end <= whole:
            raise RequestError(f"Item {index}: the region {start:g} to {end:g} s does not lie in {whole:g} s")
    _check_sampler(model, index, request, media.get("init") is not None)
    seed = random.SystemRandom().randrange(2**32) if request.seed is None else request.seed
    seed += number if values.get("seed") is None and request.seed is not None else 0
    request = request.model_copy(update={"seconds": seconds, "seed": seed})
    return Item(request, conditions, negative, media.get("init"), media.get("known"))


def _complete(
    model: Any, index: int, request: GenerationRequest, conditions: dict[str, Any], whole: float
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Conditions of a sound of so many seconds and those to stay away from: times filled in, audio fitted, checked."""
    extended = request.extend is not None
    conditions = _timed(model, conditions, window_seconds(model, whole, request.loop, extended))
    samples = layout_of(model, whole, request.loop, extended).frames * model.downsampling_ratio
    conditions = fit_audio(model.conditioner, conditions, model.sample_rate, samples)
    negative = _negative(model, index, request, conditions)
    if negative is not None:
        negative = fit_audio(model.conditioner, negative, model.sample_rate, samples)
    for checked in (conditions, negative):
        if model.conditioner is not None and checked is not None:
            problems = check_request(model.conditioner, [checked])
            if problems:
                raise RequestError("\n".join(str(problem._replace(item=index)) for problem in problems))
    return conditions, negative


def _wanted(model: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """What the model's document says of its sampling, and a request does not; a schedule goes with its sampler."""
    defaults = getattr(getattr(model, "config", None), "generation", None)
    wanted = {} if defaults is None else defaults.model_dump(exclude_none=True)
    if document.get("sampler") is not None:
        wanted.pop("schedule", None)
    return {name: value for name, value in wanted.items() if document.get(name) is None}


def _document(prompt: Any) -> dict[str, Any]:
    if prompt is None:
        return {}
    if isinstance(prompt, GenerationRequest):
        return prompt.model_dump(exclude_unset=True)
    if isinstance(prompt, str):
        return {"prompt": prompt}
    if isinstance(prompt, Mapping):
        return {"conditions": dict(prompt)}
    raise RequestError(f"A prompt is a text or a mapping of conditions, got {type(prompt).__name__}")


def _refuse_tokens(index: int, request: GenerationRequest) -> None:
    for name in ("temperature", "top_k", "top_p", "prompt_audio"):
        if getattr(request, name) is not None:
            raise RequestError(f"Item {index}: {name} is for language models, this is a diffusion model")


def _check_loop(model: Any, index: int, request: GenerationRequest, media: Mapping[str, Any]) -> None:
    if request.extend is not None and model.sample_size is None:
        raise RequestError(f"Item {index}: the model does not say how long its sounds are: ask for more seconds")
    if request.loop and media.get("known") is not None:
        raise RequestError(f"Item {index}: a loop keeps no samples of other audio: leave out loop or inpaint")
    if request.loop and request.extend is not None:
        raise RequestError(f"Item {index}: a loop has no end to extend: give its length in seconds")


def _check_sampler(model: Any, index: int, request: GenerationRequest, varies: bool) -> None:
    objective = model.diffusion_objective
    steps = {} if request.steps is None else {"steps": request.steps}
    way = Way(schedule=request.schedule, start=request.init_noise_level if varies else None)
    try:
        plan(read_sampler(request.sampler or SAMPLERS[objective], **steps), objective, [1], way)
    except NarrowsError as error:
        raise RequestError(f"Item {index}: {error}") from error


def _conditions(model: Any, index: int, request: GenerationRequest) -> dict[str, Any]:
    conditions = dict(request.conditions)
    if model.conditioner is None:
        if conditions or request.prompt is not None or request.negative is not None:
            raise RequestError(f"Item {index}: this model has no conditions: leave out prompt, negative and conditions")
        return {}
    if request.prompt is not None:
        conditions[text_key(model.conditioner, index)] = request.prompt
    return conditions


def _seconds(
    model: Any, index: int, request: GenerationRequest, conditions: Mapping[str, Any], known: RatedAudio | None
) -> float:
    total = conditions.get("seconds_total") if _has(model, "seconds_total") else None
    said = request.seconds
    if said is not None and isinstance(total, int | float) and total != said:
        raise RequestError(f"Item {index}: seconds is {said:g}, but seconds_total {total:g}: give one of them")
    if said is None and isinstance(total, int | float) and not isinstance(total, bool):
        said = float(total)
    if said is None and known is not None:
        said = known[0].shape[-1] / known[1]
    longest = None if model.sample_size is None else model.sample_size / model.sample_rate
    if said is None:
        said = longest
    if said is None:
        raise RequestError(f"Item {index}: seconds is missing, and the model does not say how long its sounds are")
    if not said > 0:
        raise RequestError(f"Item {index}: seconds must be above 0, got {said:g}")
    free = model.varying_length or request.loop or request.extend is not None
    if longest is not None and not free and round(said * model.sample_rate) > model.sample_size:
        raise RequestError(
            f"Item {index}: {said:g} s are beyond the {longest:g} s that the model was trained with: ask for less, "
            f"or for {longest:g} s and extend them by {said - longest:g}"
        )
    return float(said)


def _has(model: Any, name: str) -> bool:
    return model.conditioner is not None and name in model.conditioner.ids


def _timed(model: Any, conditions: dict[str, Any], seconds: float) -> dict[str, Any]:
    """With the conditions of timing that stand for the whole sound, where they are not given."""
    if _has(model, "seconds_total") and model.conditioner.key_of(conditions, "seconds_total") is None:
        kind = model.conditioner.conditioners["seconds_total"]
        whole = kind.problem(seconds) is not None and kind.problem(round(seconds)) is None
        conditions["seconds_total"] = round(seconds) if whole else seconds
    if _has(model, "seconds_start") and model.conditioner.key_of(conditions, "seconds_start") is None:
        conditions["seconds_start"] = 0
    return conditions


def _negative(
    model: Any, index: int, request: GenerationRequest, conditions: Mapping[str, Any]
) -> dict[str, Any] | None:
    if request.negative is None:
        return None
    if isinstance(request.negative, str):
        return {**conditions, text_key(model.conditioner, index): request.negative}
    return {**conditions, **request.negative}
