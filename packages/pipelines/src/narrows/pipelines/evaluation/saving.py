"""Originals and reconstructions as files, with the lists that Kaldi-style tools such as VERSA read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from narrows.configs.files import atomic_file
from narrows.data import write_audio


class SavedClips:
    """A folder with `gt.scp` and `pred.scp`: an identifier and the path of a file a line, the same ones in both.

    Reconstructions of the first model are listed in `pred.scp`, those of the second in `pred-2.scp`, and so on. All
    files are 32-bit float WAV of one rate and as many channels.

    Args:
        folder: files of the same names in it are replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lists: dict[str, list[str]] = {}
        self._count = 0

    def __call__(self, name: str, original: Tensor, reconstructions: Mapping[str, Tensor], sample_rate: int) -> None:
        """Write a clip.

        Args:
            name: of the clip.
            original: `(C, T)`.
            reconstructions: of it, by model, in the same order for all clips.
            sample_rate: in Hz.
        """
        self._count += 1
        stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-")
        identifier = f"{self._count:05d}-{stem}"[:80].rstrip("-")
        titles = ["pred" if index == 0 else f"pred-{index + 1}" for index in range(len(reconstructions))]
        for title, audio in zip(["gt", *titles], [original, *reconstructions.values()], strict=True):
            path = self._folder / title / f"{identifier}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_audio(path, audio, sample_rate, "FLOAT")
            self._lists.setdefault(title, []).append(f"{identifier} {path}")

    def finish(self) -> None:
        """Write the lists."""
        for title, lines in self._lists.items():
            with atomic_file(self._folder / f"{title}.scp") as temporary:
                temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
