"""The demos of a run as sounds of its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import soundfile

from narrows.pipelines.report.clips import Sound

GENERATED = "generated"
"""How the files of demos end that a model made of a request."""


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
