"""Conditions that are audio: in a request they are paths of files, as `init_audio` is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.configs import GenerationRequest
from narrows.models.conditioners.base import AudioInput
from narrows.models.conditioners.waveforms import map_audio
from narrows.models.diffusion.generation.requests import RequestError

MAPPINGS = ("conditions", "negative")
"""Fields of a request that hold conditions; `negative` may be a text instead."""
Read = Callable[[str], tuple[Tensor, int]]
"""Gives the audio of a file and its rate."""


def map_request_audio(
    model: Any, document: Mapping[str, Any], change: Callable[[str, AudioInput, Any], Any]
) -> dict[str, Any]:
    """A request with its audio conditions changed, those to stay away from too; see `map_audio`."""
    maps = {name: document[name] for name in MAPPINGS if isinstance(document.get(name), Mapping)}
    return {**document, **{name: map_audio(model.conditioner, value, change) for name, value in maps.items()}}


def located(model: Any, document: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A request whose audio conditions are looked for in a folder, unless their paths are absolute."""

    def beside(place: str, audio: AudioInput, value: Any) -> Any:
        return str(folder / value) if isinstance(value, str) and value else value

    return map_request_audio(model, document, beside)


def with_audio(model: Any, request: GenerationRequest, read: Read) -> GenerationRequest:
    """A request with a waveform and its rate in place of each path of an audio condition.

    Raises:
        RequestError: the value of one is no path.
        AudioFileError: a file cannot be read.
    """

    def heard(place: str, audio: AudioInput, value: Any) -> Any:
        whole = audio.sources is not None and "." not in place
        if whole or not isinstance(value, str) or not value:
            wanted = "a path for each of its sources" if whole else "an audio file's path"
            raise RequestError(f"Item 0: the condition {place!r} must be {wanted}, got {value!r}")
        return read(value)

    given = {name: getattr(request, name) for name in MAPPINGS if name in request.model_fields_set}
    return request.model_copy(update=map_request_audio(model, given, heard))


def audio_files(model: Any, request: GenerationRequest) -> dict[str, str]:
    """The files of the audio conditions of a request, by place (`conditions.melody`, `negative.mix.drums`)."""
    files: dict[str, str] = {}
    for part in MAPPINGS:

        def noted(place: str, audio: AudioInput, value: Any, part: str = part) -> Any:
            files[f"{part}.{place}"] = value
            return value

        given = getattr(request, part)
        if isinstance(given, Mapping):
            map_audio(model.conditioner, given, noted)
    return files
