"""Originals and reconstructions as files, with an index, and the lists that Kaldi-style tools such as VERSA read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.configs.files import atomic_file
from narrows.data import write_audio

INDEX = "clips.json"
"""The clips in their order: name, file of the original, and of the reconstruction by each model."""


class SavedClips:
    """A folder with `clips.json`, `gt.scp` and `pred.scp`.

    A line of an `.scp` file is an identifier and the path of a file; identifiers are the same in all. Reconstructions
    of the first model are listed in `pred.scp`, those of the second in `pred-2.scp`, and so on. All files are 32-bit
    float WAV of one rate and as many channels.

    Args:
        folder: files of the same names in it are replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lists: dict[str, list[str]] = {}
        self._clips: list[dict[str, Any]] = []

    def __call__(self, name: str, original: Tensor, reconstructions: Mapping[str, Tensor], sample_rate: int) -> None:
        """Write a clip.

        Args:
            name: of the clip.
            original: `(C, T)`.
            reconstructions: of it, by model, in the same order for all clips.
            sample_rate: in Hz.
        """
        stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-")
        identifier = f"{len(self._clips) + 1:05d}-{stem}"[:80].rstrip("-")
        titles = ["pred" if index == 0 else f"pred-{index + 1}" for index in range(len(reconstructions))]
        files = {title: f"{title}/{identifier}.wav" for title in ("gt", *titles)}
        made = {model: files[title] for model, title in zip(reconstructions, titles, strict=True)}
        self._clips.append({"name": name, "original": files["gt"], "reconstructions": made})
        for title, audio in zip(files, [original, *reconstructions.values()], strict=True):
            path = self._folder / files[title]
            path.parent.mkdir(parents=True, exist_ok=True)
            write_audio(path, audio, sample_rate, "FLOAT")
            self._lists.setdefault(title, []).append(f"{identifier} {path}")

    def finish(self) -> None:
        """Write the index and the lists."""
        with atomic_file(self._folder / INDEX) as temporary:
            temporary.write_text(
                json.dumps({"clips": self._clips}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        for title, lines in self._lists.items():
            with atomic_file(self._folder / f"{title}.scp") as temporary:
                temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
