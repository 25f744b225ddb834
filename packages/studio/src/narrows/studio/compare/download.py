"""All versions of a sound in one archive."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from narrows.studio.sounds.store import SoundStore

PIECE = 1 << 20


def archive(comparison: dict[str, Any], sounds: SoundStore) -> IO[bytes]:
    """A ZIP, open at its start: the original, each version, and the comparison as JSON.

    Args:
        comparison: as `StudioComparison`.
        sounds: the store.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  open for `pieces`, which closes it
    with zipfile.ZipFile(file, "w") as content:
        parts = [("original", comparison["sound"]), *((one["name"], one["sound"]) for one in comparison["versions"])]
        for number, (name, sound) in enumerate(parts):
            content.write(sounds.path(sound["id"]), f"{number:02d}-{plain(name)}.wav")
        content.writestr("comparison.json", json.dumps(comparison, ensure_ascii=False, indent=2))
    file.seek(0)
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file, which is closed behind it."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def plain(name: str) -> str:
    """A name that is safe as that of a file."""
    return re.sub(r"[^0-9A-Za-z._-]+", "-", name).strip("-.")[:80] or "sound"
