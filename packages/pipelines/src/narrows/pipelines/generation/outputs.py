"""Outputs of a generation: an audio file and a JSON a sound, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.audio.loudness import MAX_CHANNELS, loudness
from narrows.audio.writing import write_audio
from narrows.configs import GenerationRequest
from narrows.configs.files import atomic_file, sweep
from narrows.configs.write_errors import OutputError, named_when_it_fails
from narrows.pipelines.generation.prompt_files import FILES
from narrows.pipelines.own_version import own_version

FORMATS = {
    "wav": (".wav", "FLOAT"),
    "wav16": (".wav", "PCM_16"),
    "wav24": (".wav", "PCM_24"),
    "flac": (".flac", "PCM_24"),
}
"""Ending and encoding by name; all but `wav` clip what lies outside of ±1."""
LOWEST_RATE = 8000
"""Below it, in Hz, the weighting of loudness has no place for its filters."""
NAMED = 5
"""Files that a message names."""
PEAK = 10 ** (-1 / 20)
"""Of a normalised sound: -1 dBFS."""


def name_of(index: int, total: int, request: GenerationRequest) -> str:
    """Name of an output without ending: its number, and the beginning of its prompt."""
    words = re.sub(r"[^a-z0-9]+", "-", (request.prompt or "").lower()).strip("-")[:40].strip("-")
    return f"{index:0{max(4, len(str(total)))}d}{'-' if words else ''}{words}"


def description(
    request: GenerationRequest, made_by: dict[str, Any], form: str, normalize: bool, heard: Mapping[str, str]
) -> dict[str, Any]:
    """What the JSON beside an output says about how it came to be; an output with another one is made again.

    Args:
        request: complete.
        made_by: further facts.
        form: one of `FORMATS`.
        normalize: whether the peak was brought to -1 dBFS.
        heard: files of conditions that are audio, by place.
    """
    files = {name: getattr(request, name) for name in FILES if getattr(request, name)} | dict(heard)
    return {
        "request": request.model_dump(mode="json", exclude_unset=True),
        **made_by,
        "input_sha256": {name: sha256(Path(file)) for name, file in files.items()},
        "format": form,
        "normalized": normalize,
        "narrows": own_version(),
    }


def is_done(path: Path, described: dict[str, Any]) -> bool:
    """Whether an output is there that came to be so."""
    beside = told_beside(path, described)
    return beside is not None and path.is_file() and beside.get("sha256") == sha256(path)


def told_beside(path: Path, described: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON of an output that came to be so; None where there is none, or one of another."""
    beside = _read_beside(path)
    return None if beside is None or any(beside.get(key) != value for key, value in described.items()) else beside


def check_outputs(paths: Iterable[Path], unmarked: Callable[[Path], bool] | None = None) -> None:
    """Refuse to write over files that no generation has made.

    A sound of ours has a JSON beside it, or, while it is written, a hidden mark; a file without one is somebody else's.

    Args:
        paths: of sounds.
        unmarked: whether a sound is there without a mark; None looks into the folder.

    Raises:
        OutputError: such files are there; it says how many, and names the first ones.
    """
    foreign = [file for path in paths for file in _foreign(path, unmarked or _unmarked)]
    if foreign:
        raise OutputError(
            f"{', '.join(map(str, foreign[:NAMED]))}{', …' if len(foreign) > NAMED else ''}: "
            f"{'this file was' if len(foreign) == 1 else f'these {len(foreign)} files were'} not made by a generation, "
            "and would be replaced. Choose another output folder, or move what is there away"
        )


def _foreign(path: Path, unmarked: Callable[[Path], bool]) -> list[Path]:
    beside = path.with_suffix(".json")
    if beside.exists():
        return [] if _read_beside(path) is not None else [*([path] if unmarked(path) else []), beside]
    return [path] if unmarked(path) else []


def _unmarked(path: Path) -> bool:
    return path.exists() and not _mark(path).exists()


def _mark(path: Path) -> Path:
    """Says that an output is being written."""
    return path.with_name(f".{path.stem}.making")


def tidy(paths: Iterable[Path]) -> None:
    """Remove what killed processes left of outputs that are there."""
    for path in paths:
        if any(path.parent.glob(".*")):
            for file in (path, path.with_suffix(".json")):
                sweep(file)
            _mark(path).unlink(missing_ok=True)


def _read_beside(path: Path) -> dict[str, Any] | None:
    """The JSON beside an output; None where there is none that a generation wrote."""
    try:
        beside = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return beside if isinstance(beside, dict) and {"request", "model", "sha256"} <= beside.keys() else None


def write_output(path: Path, audio: Tensor, rate: int, described: dict[str, Any]) -> None:
    """Write a sound `(C, T)`, and then its JSON.

    The JSON has the peak and the loudness (LUFS) of the sound before its level was changed, and how many samples were
    clipped because the format ends at ±1.
    """
    peak = float(audio.abs().max()) if audio.numel() else 0.0
    facts: dict[str, Any] = {"peak": peak, "loudness": _lufs(audio, rate)}
    if described["normalized"] and peak > 0:
        audio = audio * (PEAK / peak)
    path.parent.mkdir(parents=True, exist_ok=True)
    with named_when_it_fails(path):
        _mark(path).touch()
        path.with_suffix(".json").unlink(missing_ok=True)  # it would describe another sound for a moment
    write_audio(path, audio, rate, FORMATS[described["format"]][1])
    facts["clipped"] = int((audio.abs() > 1).sum()) if described["format"] != "wav" else 0
    shape = {"file": path.name, "sample_rate": rate, "channels": audio.shape[0], "samples": audio.shape[-1]}
    document = {**described, **shape, **facts, "sha256": sha256(path)}
    with atomic_file(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    tidy([path])


def _lufs(audio: Tensor, rate: int) -> float | None:
    """Loudness; None for silence, and for rates and channels that the standard has no loudness for."""
    if not 1 <= len(audio) <= MAX_CHANNELS or rate < LOWEST_RATE:
        return None
    value = loudness(audio, rate)
    return round(value, 2) if isfinite(value) else None


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
