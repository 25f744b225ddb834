"""The clips of an evaluation as files: a folder a clip, with the original and what each model made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from narrows.audio.writing import write_audio
from narrows.configs.files import atomic_file
from narrows.pipelines.evaluation.results import Evaluation

INDEX = "clips.json"


def write_sounds(evaluation: Evaluation, folder: Path) -> Path:
    """Write the clips that can be listened to, 32-bit float, and last an index of them.

    Args:
        evaluation: with `worst` clips.
        folder: for a folder of each clip, worst first, and `clips.json`, which names clips, models and files.

    Returns:
        The index.
    """
    clips: list[dict[str, Any]] = []
    for number, heard in enumerate(evaluation.heard):
        place = f"{number:03d}"
        files = {name: f"{place}/{index:02d}.wav" for index, name in enumerate(heard.reconstructions, 1)}
        write_audio(folder / place / "original.wav", heard.original, evaluation.sample_rate, "FLOAT")
        for name, audio in heard.reconstructions.items():
            write_audio(folder / files[name], audio, evaluation.sample_rate, "FLOAT")
        clips.append({"name": heard.name, "original": f"{place}/original.wav", "reconstructions": files})
    with atomic_file(folder / INDEX) as temporary:
        temporary.write_text(json.dumps({"clips": clips}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / INDEX
