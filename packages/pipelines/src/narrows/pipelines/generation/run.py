"""Working off requests: a fixed plan of batches, of which those are done whose outputs are not there yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.audio.files import read_audio
from narrows.configs import GenerationRequest, NarrowsError, load_part
from narrows.models.codec import model_hash
from narrows.models.diffusion.generation.batch import layout
from narrows.models.diffusion.generation.decoding import decoded
from narrows.models.diffusion.generation.requests import Item, make_items
from narrows.models.diffusion.generation.run import batches, generated
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.diffusion.samplers import Step
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.generation.audio_conditions import MAPPINGS, audio_files, located, with_audio
from narrows.pipelines.generation.language_models import token_batches, token_item, token_sounds
from narrows.pipelines.generation.memory import told_memory
from narrows.pipelines.generation.outputs import (
    FORMATS,
    check_outputs,
    description,
    is_done,
    name_of,
    tidy,
    write_output,
)
from narrows.pipelines.generation.prompt_files import Entry

BATCH = 4
"""Items that are worked on at a time, where nobody says: on a GPU, and of tokens."""


class NotAGeneratorError(NarrowsError, ValueError):
    """A model that makes no audio of requests."""


@dataclass(frozen=True)
class GenerationStep:
    """One step of a batch: of a sampler, or of tokens."""

    done: int
    """Steps of the batch so far."""
    count: int | None
    """How many there will be; None where the sampler finds out on the way."""
    denoised: Tensor | None = None
    """Latents `(B, D, L)` that a diffusion model means at this step; see `preview`."""


OnStep = Callable[[GenerationStep], None]


@dataclass(frozen=True)
class Planned:
    """One output."""

    path: Path
    item: Item
    described: dict[str, Any]
    kept: bool = False
    """Whether it is whole in the storage that its folder stands for; the sound is not here then."""

    @property
    def done(self) -> bool:
        """Whether it is there."""
        return self.kept or is_done(self.path, self.described)

    @property
    def files(self) -> tuple[Path, Path]:
        """The sound, and its JSON, which says that the sound is whole."""
        return self.path, self.path.with_suffix(".json")


@dataclass(frozen=True)
class Plan:
    """What a run will do."""

    outputs: list[Planned]
    batches: list[list[int]]
    """Positions of outputs that are worked on together."""
    problems: list[str]
    """What is wrong with requests that are left out."""


def make_plan(
    model: Any,
    entries: Sequence[Entry],
    out: Path,
    *,
    defaults: Mapping[str, Any],
    seed: int = 0,
    count: int = 1,
    batch_size: int | None = None,
    form: str = "wav",
    normalize: bool = False,
    made_by: Mapping[str, Any] | None = None,
    device: str | None = None,
) -> Plan:
    """The outputs of requests and the batches they are worked in, which depend on the requests alone.

    Args:
        model: a diffusion model or a language model.
        entries: requests.
        out: folder of the outputs.
        defaults: fields of requests that do not say otherwise.
        seed: of the first sound; it counts up. Requests with a seed of their own keep it.
        count: sounds of each request, whose seeds count up.
        batch_size: items to work on at a time; None for `BATCH`, and of a diffusion model on a processor for what
            fits its cache.
        form: one of `FORMATS`.
        normalize: bring the peak to -1 dBFS.
        made_by: what the JSON beside an output repeats, e.g. the precision.
        device: kind of device that the sounds will be made on; None for that of the model.

    Raises:
        NotAGeneratorError: the model makes no audio of requests.
    """
    if not isinstance(model, DiffusionModel | AudioLanguageModel):
        raise NotAGeneratorError(f"A model of the type {type(model).__name__} does not generate: encode and decode")
    items: list[Item] = []
    problems = []
    read = cache(_read)
    for position, entry in enumerate(entries):
        if entry.document is None:
            problems.append(f"{entry.place}: {entry.problem}")
            continue
        document = _joined(defaults, located(model, entry.document, entry.folder))
        try:
            for number in range(count):
                items.append(_item(model, document, seed + position * count, number, read))
        except NarrowsError as error:
            problems.append(f"{entry.place}: {re.sub('(?m)^Item 0: ', '', str(error))}")
    config = getattr(model, "config", None)
    facts = {"model": model_hash(model), "license": getattr(config, "license", None), **(made_by or {})}
    outputs = []
    for index, item in enumerate(items):
        path = out / f"{name_of(index, len(items), item.request)}{FORMATS[form][0]}"
        described = description(item.request, facts, form, normalize, audio_files(model, item.request))
        outputs.append(Planned(path, item, described))
    if not isinstance(model, DiffusionModel):
        return Plan(outputs, token_batches(items, batch_size or BATCH), problems)
    on_processor = (device or next(model.parameters()).device.type) == "cpu"
    return Plan(outputs, batches(model, items, batch_size or (None if on_processor else BATCH)), problems)


def run_plan(
    model: Any,
    plan: Plan,
    told: Callable[[Planned], None] | None = None,
    device: torch.device | str | None = None,
    on_step: OnStep | None = None,
) -> int:
    """Make the outputs that are missing; a batch of which one is missing is done again, so that all come out alike.

    Args:
        model: that of the plan.
        plan: of `make_plan`.
        told: called with every output that is written.
        device: where the parts of a diffusion model work, one at a time; None for where the model is.
        on_step: called with each step of a batch; what it raises ends the run.

    Returns:
        How many outputs were written.

    Raises:
        NotEnoughMemoryError: the message says what to lower.
        OutputError: a file that no generation has made is where an output would go.
    """
    written = 0
    missing = missing_batches(plan)
    with told_memory():
        for place, audio in sounds(model, plan, missing, device, on_step):
            output = plan.outputs[place]
            if write_sound(output, audio, model.sample_rate):
                written += 1
                if told is not None:
                    told(output)
    return written


def missing_batches(plan: Plan) -> list[list[int]]:
    """Batches of which an output is missing.

    Raises:
        OutputError: a file that no generation has made is where an output would go.
    """
    done = [output.done for output in plan.outputs]
    tidy(output.path for output, there in zip(plan.outputs, done, strict=True) if there)
    missing = [places for places in plan.batches if not all(done[place] for place in places)]
    check_outputs(plan.outputs[place].path for places in missing for place in places)
    return missing


def write_sound(output: Planned, audio: Tensor, rate: int) -> bool:
    """Write an output unless it is there; returns whether it was written.

    Args:
        output: of a plan.
        audio: `(C, T)`.
        rate: in Hz.
    """
    if output.done:
        return False
    write_output(output.path, audio, rate, output.described)
    return True


def sounds(
    model: Any, plan: Plan, missing: Sequence[list[int]], device: Any = None, on_step: OnStep | None = None
) -> Iterator[tuple[int, Tensor]]:
    """Make batches of a plan; gives the position and the sound `(C, T)` of each output."""
    items = [output.item for output in plan.outputs]
    if isinstance(model, DiffusionModel):
        step = None if on_step is None else partial(_told_of_step, on_step)
        for made in generated(model, items, on_step=step, device=device, plan=missing):
            yield made.index, made.audio
        return
    token = None if on_step is None else partial(_told_of_token, on_step)
    for places in missing:
        for position, audio in token_sounds(model, [items[place] for place in places], _read, token):
            yield places[position], audio


def _told_of_step(on_step: OnStep, step: Step) -> None:
    on_step(GenerationStep(step.index + 1, step.count, step.denoised))


def _told_of_token(on_step: OnStep, done: int, count: int) -> None:
    on_step(GenerationStep(done, count))


def preview(model: DiffusionModel, item: Item, denoised: Tensor) -> Tensor:
    """The sound `(C, T)` that a model means in the middle of its sampling.

    Args:
        model: the model.
        item: what is being made.
        denoised: its latents `(D, L)`, of a `GenerationStep`; what is behind its own frames is padding.
    """
    lengths = layout(model, item)
    with torch.no_grad():
        return decoded(model, denoised[:, : lengths.frames], lengths.samples, item.request.loop).float().cpu()


def _joined(defaults: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    joined = {**defaults, **document}
    if isinstance(joined.get("conditions"), dict):
        joined["conditions"] = {**defaults.get("conditions", {}), **joined["conditions"]}
    return joined


def _item(
    model: Any,
    document: Mapping[str, Any],
    seed: int,
    number: int,
    read: Callable[[str], tuple[Tensor, int]],
) -> Item:
    own = document.get("seed")
    document = {**document, "seed": (seed if own is None else own) + number}
    if isinstance(model, AudioLanguageModel):
        return token_item(model, document, read)
    request = load_part(document, GenerationRequest)
    audio = {
        "init": read(request.init_audio) if request.init_audio else None,
        "known": read(request.inpaint) if request.inpaint else None,
    }
    item = make_items(model, [with_audio(model, request, read)], 1, audio)[0]
    # What is told of an output names files.
    named = {name: getattr(request, name) for name in MAPPINGS if name in request.model_fields_set}
    return replace(item, request=item.request.model_copy(update=named))


def _read(path: str) -> tuple[Tensor, int]:
    return read_audio(path)
