"""Demos of diffusion models: requests, what is filled in beside what was given, and audio that conditions.

Letters: C channels, T samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from narrows.models.diffusion.inpainting import IDS
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.generative.conditions import conditions_of
from narrows.training.generative.demos import demo_conditions, request_demos
from narrows.training.generative.stored import stored_latents

HOLE = (0.25, 0.75)
"""The part of a sound that a demo of inpainting fills in."""


def diffusion_demos(model: Any, batch: Batch, options: Any, pre_encoded: bool) -> Iterator[Demo]:
    """The demos of a `demo` section.

    Args:
        model: to use, in evaluation mode.
        batch: whose conditions and sounds are taken where the section has none.
        options: the `demo` section, in full.
        pre_encoded: the batch holds latents.
    """
    given = None if getattr(options, "demo_cond_from_batch", False) else getattr(options, "demo_cond", None)
    chosen = demo_conditions(given, conditions_of(model.conditioner, batch[1]), options.num_demos)
    conditions = [_within(model, item) for item in chosen]
    scales = getattr(options, "demo_cfg_scales", [1.0])
    asked: dict[str, Any] = {"steps": options.demo_steps}
    if options.sampler is not None:
        asked["sampler"] = options.sampler.model_dump(exclude_unset=True)
        asked["sampler"].pop("steps", None)
    shown = _shown(model, options, conditions, batch[1])
    for scale in scales:
        guided = {**asked, "cfg_scale": float(scale)} if model.conditioner is not None else asked
        label = f"_cfg{scale:g}" if len(scales) > 1 else ""
        requests = [{"conditions": item, "seed": seed, **guided} for seed, item in enumerate(conditions)]
        made = _generated(model, conditions, guided)
        for demo, beside in zip(request_demos(requests, made, label), shown, strict=True):
            yield replace(demo, audio={**demo.audio, **beside})
        if set(IDS) <= {*model.routing.concat, *model.routing.local}:
            yield from _filled_in(model, batch, conditions, guided, label, pre_encoded)


def _within(model: Any, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions whose `seconds_total` is no longer than a crop: of a longer recording, a crop is generated."""
    total = conditions.get("seconds_total")
    if model.sample_size is None or not isinstance(total, int | float):
        return dict(conditions)
    longest = model.sample_size / model.sample_rate
    whole = int(longest) if isinstance(total, int) and longest >= 1 else longest
    return {**conditions, "seconds_total": total if total <= longest else whole}


def _generated(model: Any, conditions: Sequence[Mapping[str, Any]], asked: Mapping[str, Any], **more: Any) -> Any:
    conditional = model.conditioner is not None
    made = model.generate(
        [dict(item) for item in conditions] if conditional else None,
        seed=list(range(len(conditions))),
        return_info=True,
        **({} if conditional else {"count": len(conditions)}),
        **asked,
        **more,
    )
    return made.audio


def _filled_in(
    model: Any,
    batch: Batch,
    conditions: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Any],
    label: str,
    stored: bool,
) -> Iterator[Demo]:
    """Sounds of the batch with a hole in the middle that the model fills in."""
    sounds = _sounds(model, batch[0][: len(conditions)], stored)
    seconds = sounds[0].shape[-1] / model.sample_rate
    region = (HOLE[0] * seconds, HOLE[1] * seconds)
    own = {**asked, "seconds": seconds, "regions": [region]}
    fitting = conditions[: len(sounds)]
    timed = [{**item, "seconds_total": seconds} if "seconds_total" in item else dict(item) for item in fitting]
    made = _generated(model, timed, own, inpaint=[(sound, model.sample_rate) for sound in sounds])
    requests = [{"conditions": item, "seed": seed, **own} for seed, item in enumerate(timed)]
    for index, demo in enumerate(request_demos(requests, made, f"_inpaint{label}")):
        masked = sounds[index].clone()
        masked[:, round(region[0] * model.sample_rate) : round(region[1] * model.sample_rate)] = 0
        yield replace(demo, audio={**demo.audio, "given": masked, "original": sounds[index]})


@torch.no_grad()
def _sounds(model: Any, signal: Tensor, stored: bool) -> list[Tensor]:
    if not stored:
        return [item.float().cpu() for item in signal]
    parameter = next(model.parameters())
    latents = stored_latents(model, signal.to(parameter))
    return [model.decode(item[None])[0].float().cpu() for item in latents]


def _shown(
    model: Any, options: Any, conditions: Sequence[Mapping[str, Any]], metadata: Sequence[Mapping[str, Any]]
) -> list[dict[str, Tensor]]:
    """Audio that conditions each demo, by name."""
    out: list[dict[str, Tensor]] = [{} for _ in conditions]
    for index, beside in enumerate(out):
        if getattr(options, "display_audio_cond", False) and index < len(metadata) and "audio" in metadata[index]:
            beside["condition"] = torch.as_tensor(metadata[index]["audio"]).float().cpu()
        for entry in getattr(options, "cond_display_configs", None) or []:
            value = conditions[index].get(entry.id)
            if value is not None:
                beside.update(_condition(model, entry, value))
    return out


def _condition(model: Any, entry: Any, value: Any) -> dict[str, Tensor]:
    sounds = dict(value) if entry.type == "audio_dict" else {"": value}
    found = {name: torch.as_tensor(sound).float() for name, sound in sounds.items()}
    if entry.config.pre_encoded:
        found = {name: _sounds(model, latents[None], stored=True)[0] for name, latents in found.items()}
    named = {f"{entry.id}_{name}" if name else entry.id: sound.cpu() for name, sound in found.items()}
    if entry.config.display_mix and len(found) > 1:
        named[f"{entry.id}_mix"] = torch.stack(list(found.values())).sum(0).cpu()
    return named
