"""Sounds of a report that a generative model made: there is no original to compare them with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile

from narrows.pipelines.report.clips import Audio, pictures, players

GENERATED = "generated"


@dataclass
class Sound:
    """A generated sound.

    Args:
        name: how the report calls it.
        audio: `(C, T)`.
        sample_rate: in Hz.
        metrics: values by name.
    """

    name: str
    audio: Audio
    sample_rate: int
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Length."""
        return float(self.audio.shape[-1] / self.sample_rate)

    @property
    def versions(self) -> dict[str, Audio]:
        """What can be heard."""
        return {GENERATED: self.audio}

    @property
    def players(self) -> dict[str, str]:
        """The sound as a data address of a FLAC file."""
        return players(self.versions, self.sample_rate)

    @property
    def pictures(self) -> dict[str, str]:
        """Its spectrogram as a data address of a PNG file."""
        return pictures(self.versions, self.sample_rate)


def newest_demos(folder: Path, count: int) -> list[Sound]:
    """The first sounds of the newest demos of a run, named after their requests.

    Args:
        folder: of all demos of the run; it need not exist.
        count: how many.
    """
    steps = sorted(path for path in folder.glob("step=*") if path.is_dir())
    files = sorted(steps[-1].glob(f"*_{GENERATED}.wav"))[:count] if steps else []
    sounds = []
    for path in files:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        name = path.stem.removesuffix(f"_{GENERATED}")
        sounds.append(Sound(f"{name}{_asked(path.with_name(f'{name}.json'))}", audio.T, rate))
    return sounds


def _asked(path: Path) -> str:
    """What a request asks for, in words; empty where there is none."""
    if not path.is_file():
        return ""
    request: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    shown = [str(request["prompt"])] if request.get("prompt") else []
    shown += [f"{key} {value}" for key, value in (request.get("conditions") or {}).items()]
    shown += [f"{key} {request[key]}" for key in ("cfg_scale", "seed") if key in request]
    return ": " + ", ".join(shown)
