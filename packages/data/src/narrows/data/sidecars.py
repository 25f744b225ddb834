"""Which files have a sidecar, a file of the same name and another ending, and which sidecars have no file."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.data.errors import shown
from narrows.data.scan import is_junk

MEDIA = {*AUDIO_ENDINGS, "npy", "safetensors"}
"""Endings of what has sidecars."""

log = logging.getLogger("narrows.data")


def tell_unmatched(
    root: Path, names: Iterable[str], ending: str, *, every: bool = True, ours: frozenset[str] = frozenset()
) -> None:
    """Say how many files have a sidecar and how many sidecars no file, where that is not all and none.

    Only folders that hold one of the files are looked into, each once.

    Args:
        root: the folder of the data set.
        names: the files, relative to it.
        ending: of the sidecars, without dot.
        every: whether each file is to have one; otherwise a folder without any is no news.
        ours: files with this ending that are something else.
    """
    stems = {_stem(name): name for name in names}
    folders = {name.rpartition("/")[0] for name in stems}
    there: set[str] = set()
    files = set(stems)
    for name in _listed(root, folders):
        stem, kind = os.path.splitext(name)  # noqa: PTH122  names, not paths
        if kind == f".{ending}" and name not in ours:
            there.add(stem)
        elif kind[1:].lower() in MEDIA:
            files.add(stem)  # Perhaps one that the data set leaves out: its sidecar is not lost.
    without = [name for stem, name in stems.items() if stem not in there]
    idle = sorted(there - files)
    if not idle and (not without or (not there and not every)):
        return
    first = f", not {shown(without[0])}" if without else ""
    lonely = f", the first {shown(f'{idle[0]}.{ending}')}" if idle else ""
    log.warning(
        "%s: %d of %d files have a .%s file of their name beside them%s; %d .%s files belong to none%s",
        shown(root),
        len(stems) - len(without),
        len(stems),
        ending,
        first,
        len(idle),
        ending,
        lonely,
    )


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122  names, not paths


def _listed(root: Path, folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        with suppress(OSError), os.scandir(root / folder) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                if not is_junk(name):
                    yield name
