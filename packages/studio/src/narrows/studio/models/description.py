"""What a model is and what it can be asked for, as pages need it."""

from __future__ import annotations

from typing import Any

from narrows.configs.schemas import schema
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.conditioners import Conditioner
from narrows.models.conditioners.base import AudioInput
from narrows.models.conditioners.int import IntConditioner
from narrows.models.conditioners.list import ListConditioner
from narrows.models.conditioners.number import NumberConditioner
from narrows.models.conditioners.waveforms import audio_inputs
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.diffusion.samplers.plan import FLOW_SAMPLERS
from narrows.models.lm.model import AudioLanguageModel

TIMING = ("seconds_start", "seconds_total")
"""Conditions that a request of a diffusion model fills in by its length."""


def describe(name: str, model: Any) -> dict[str, Any]:
    """A model as `StudioModel`.

    Args:
        name: of it.
        model: any model.
    """
    kind, form = "codec", None
    if isinstance(model, DiffusionModel):
        kind, form = "diffusion", _diffusion_form(model)
    elif isinstance(model, AudioLanguageModel):
        kind, form = "language_model", _token_form(model)
    channels = getattr(model, "audio_channels", None) or getattr(model, "io_channels", None)
    config = getattr(model, "config", None)
    return {
        "name": name,
        "kind": kind,
        "sample_rate": model.sample_rate,
        "channels": channels or model.for_audio().out_channels,
        "codebooks": _codebooks(model) if kind == "codec" else None,
        "license": getattr(config, "license", None),
        "form": form,
    }


def _codebooks(model: Any) -> int | None:
    bottleneck = model.bottleneck
    residual = isinstance(bottleneck, DiscreteBottleneck) and bottleneck.is_residual
    return int(bottleneck.num_quantizers) if residual else None


def _diffusion_form(model: DiffusionModel) -> dict[str, Any]:
    flow = model.diffusion_objective != "v"
    options = schema("generation_defaults")["properties"]
    samplers = [name for name in options["sampler"]["enum"] if name and (name in FLOW_SAMPLERS) == flow]
    free = model.varying_length or model.sample_size is None
    defaults = getattr(getattr(model, "config", None), "generation", None)
    return {
        "fields": [field for field in _fields(model.conditioner) if field["id"] not in TIMING],
        "text": _text(model.conditioner),
        "max_seconds": None if free or not model.sample_size else model.sample_size / model.sample_rate,
        "samplers": samplers,
        "schedules": [name for name in options["schedule"]["enum"] if name],
        "inpaints": True,
        "defaults": {} if defaults is None else defaults.model_dump(exclude_none=True),
    }


def _token_form(model: AudioLanguageModel) -> dict[str, Any]:
    return {
        "fields": _fields(model.conditioner),
        "text": _text(model.conditioner),
        "max_seconds": None,
        "samplers": [],
        "schedules": [],
        "inpaints": False,
        "defaults": {},
    }


def _fields(conditioner: Any) -> list[dict[str, Any]]:
    if conditioner is None:
        return []
    audio = audio_inputs(conditioner)
    return [_field(name, module, audio.get(name)) for name, module in conditioner.items()]


def _field(name: str, module: Conditioner, audio: AudioInput | None) -> dict[str, Any]:
    field: dict[str, Any] = {"id": name, "kind": "other", "min": None, "max": None, "options": []}
    if audio is not None:
        whole = audio.sources is None
        return {**field, "kind": "audio" if whole else "sources", "options": list(audio.sources or ())}
    if isinstance(module, NumberConditioner | IntConditioner):
        kind = "integer" if isinstance(module, IntConditioner) else "number"
        return {**field, "kind": kind, "min": module.min_val, "max": module.max_val}
    if isinstance(module, ListConditioner):
        return {**field, "kind": "choice", "options": module.options}
    return {**field, "kind": "text"} if module.problem("a text") is None else field


def _text(conditioner: Any) -> str | None:
    """Id of the condition that a bare prompt fills; those that are chosen from a list are named by themselves."""
    if conditioner is None:
        return None
    reads = [name for name in conditioner.ids if "prompt" in (name, conditioner.default_keys.get(name))]
    texts = [field["id"] for field in _fields(conditioner) if field["kind"] == "text"]
    return next((name for name in reads if name in texts), None if reads else next(iter(texts), None))
