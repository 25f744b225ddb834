"""Files inside folders: names that lead out of them, by `..` or by links, are refused."""

from __future__ import annotations

from pathlib import Path

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.data.scan import Selection, find_files
from narrows.studio.errors import NotThereError, RefusedError

MOST_LISTED = 2000


def inside(folder: Path, name: str) -> Path:
    """The file of a folder that a name of a request means, links resolved.

    Raises:
        RefusedError: it lies outside, or the name is none.
        NotThereError: there is no such file.
    """
    root = folder.resolve()
    if "\0" in name or "\\" in name or Path(name).is_absolute():
        raise RefusedError("A file is named by its path below the folder")
    try:
        path = (root / name).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        # What lies outside is refused before it can be told whether it is there.
        if not (root / name).resolve().is_relative_to(root):
            raise RefusedError("The file lies outside of the folders that the studio was given") from error
        raise NotThereError("There is no such file") from error
    if not path.is_relative_to(root):
        raise RefusedError("The file lies outside of the folders that the studio was given")
    if not path.is_file():
        raise NotThereError("There is no such file")
    return path


def audio_files(folder: Path) -> list[str]:
    """Audio below a folder that `inside` lets through, by paths below it, sorted; at most `MOST_LISTED`."""
    root = folder.resolve()
    names = find_files(root, Selection(AUDIO_ENDINGS)).names
    return [name for name in names if (root / name).resolve().is_relative_to(root)][:MOST_LISTED]
