"""Finding the files of a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from narrows.data.errors import DataError, shown, system_reason

JUNK_FOLDERS = {"__MACOSX", "PaxHeader", "__pycache__"}
"""Folders that archives and tools leave behind; their files only look like audio."""


class Selection(NamedTuple):
    """Which files of a folder to take."""

    extensions: tuple[str, ...]
    """Endings, without dot, in any case."""
    keywords: tuple[str, ...] = ()
    """Only paths that contain one of these, in any case; none takes all."""
    file_list: str | None = None
    """A text file with the paths to take, relative to the folder, instead of searching it."""
    file: str | None = None
    """The one file to take, relative to the folder, whatever its ending."""


@dataclass
class Listing:
    """What was found."""

    names: list[str] = field(default_factory=list)
    """Sorted paths relative to the folder, with `/` on every system."""
    folders: dict[str, int] = field(default_factory=dict)
    """Folders that were searched, with their times of change in ns."""
    others: Counter[str] = field(default_factory=Counter)
    """How many files have another ending, by ending in lower case."""


def find_files(
    root: Path, selection: Selection, on_error: Callable[[str, str], object] = lambda path, reason: None
) -> Listing:
    """Files below a folder.

    Links are followed, each real folder once, so a loop of links ends. Hidden folders and the `._` companions of
    macOS are left out; hidden files are not.

    Args:
        root: the folder.
        selection: which files to take.
        on_error: told path and reason of every folder that cannot be listed.
    """
    if selection.file is not None:
        return Listing([selection.file])
    if selection.file_list is not None:
        return Listing(_read_file_list(root / selection.file_list, root))
    listing = Listing()
    listing.names = sorted(_searched(root, selection, on_error, listing))
    return listing


def is_junk(name: str) -> bool:
    """Whether a path, of a folder or an archive, is what systems and tools leave behind: never part of a data set."""
    *folders, base = name.split("/")
    hidden = (folder.startswith(".") and folder not in {".", ".."} for folder in folders)
    return base.startswith("._") or any(folder in JUNK_FOLDERS for folder in folders) or any(hidden)


def each_file(root: Path, selection: Selection, on_error: Callable[[str, str], object]) -> Iterator[str]:
    """The files that `find_files` finds, folder by folder, without a list of them; `file_list` and `file` do not count.

    Args:
        root: the folder.
        selection: which files to take.
        on_error: told path and reason of every folder that cannot be listed.
    """
    yield from _searched(root, selection, on_error, Listing())


def _searched(
    root: Path, selection: Selection, on_error: Callable[[str, str], object], listing: Listing
) -> Iterator[str]:
    """Paths of the files that fit; what else was met goes to the listing."""
    walked = _walk(root, listing.folders, on_error)
    names = (f"{folder}/{name}" if folder else name for folder, name in walked)
    yield from chosen(names, selection, listing.others)


def chosen(names: Iterable[str], selection: Selection, others: Counter[str]) -> Iterator[str]:
    """The paths that fit, by ending and keywords; `others` counts those of other endings."""
    endings = {f".{extension.lower().lstrip('.')}" for extension in selection.extensions}
    words = [word.lower() for word in selection.keywords]
    for relative in names:
        ending = os.path.splitext(relative)[1].lower()  # noqa: PTH122  names, not paths
        fits = ending in endings
        if not fits:
            others[ending] += 1
        if fits and not is_junk(relative) and (not words or any(word in relative.lower() for word in words)):
            yield relative


def _walk(root: Path, folders: dict[str, int], on_error: Callable[[str, str], object]) -> Iterator[tuple[str, str]]:
    """(folder, name) of every file; the folder is relative to the root, with `/`."""
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        place = root / folder
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            folders[folder] = status.st_mtime_ns
            with os.scandir(place) as entries:
                for entry in sorted(entries, key=lambda e: e.name):
                    if not _is_folder(entry):
                        yield folder, entry.name
                    elif not entry.name.startswith(".") and entry.name not in JUNK_FOLDERS:
                        waiting.append(f"{folder}/{entry.name}" if folder else entry.name)
        except OSError as error:
            on_error(os.fspath(place), f"the folder cannot be listed: {system_reason(error)}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _read_file_list(path: Path, root: Path) -> list[str]:
    """Paths of a list, one a line; empty lines are skipped, and lines with `#` in front that name no file."""
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError as error:
        raise DataError(f"The file list {shown(path)} cannot be read: {system_reason(error)}") from error
    names = []
    for line in (line.strip() for line in lines):
        if not line or (line.startswith("#") and not (root / line).is_file()):
            continue
        inside = os.path.relpath(root / line, root).replace(os.sep, "/")
        if inside.startswith("../"):
            raise DataError(f"The file list {shown(path)} names {shown(line)}, which is not below {shown(root)}")
        names.append(inside)
    return names
