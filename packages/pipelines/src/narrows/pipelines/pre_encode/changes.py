"""What became of the files of a data set since they were encoded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from narrows.audio.errors import shown
from narrows.configs.files import write_once
from narrows.configs.storage import Storage, Stored, address_of
from narrows.pipelines.pre_encode.clips import Clip

SHOWN = 10
"""Names of a kind that a message lists."""


class Changes(NamedTuple):
    """Names of files, by what became of them."""

    added: list[str]
    changed: list[str]
    missing: list[str]

    def lines(self) -> list[str]:
        """A line for each kind, with the way out."""
        ways = {
            "added": "append=true encodes them in new shards",
            "changed": "their latents are of the earlier sound: choose another output_path to encode them anew",
            "missing": "their latents stay",
        }
        return [
            f"{len(names)} files were {kind} since the folder was begun ({_listed(names)}); {ways[kind]}."
            for kind, names in self._asdict().items()
            if names
        ]


def remember_files(folder: Path, lists: Sequence[list[Clip]]) -> None:
    """Keep size and time of the files of each list, to see later whether they are the same."""
    for number, clips in enumerate(lists):
        path = folder / f"files-{number:04d}.json"
        if not path.exists():
            write_once(path, json.dumps(file_states(clips)) + "\n")


def changes(folder: Path, lists: Sequence[list[Clip]], found: Iterable[Clip]) -> Changes:
    """Compare the files of a folder with those that its data set has now.

    Args:
        folder: of the run.
        lists: clips that the folder knows.
        found: clips of the data set now.
    """
    now = {clip.place: clip for clip in found}
    known = [clip for clips in lists for clip in clips]
    places = {clip.place for clip in known}
    before = [state for number in range(len(lists)) for state in _remembered(folder / f"files-{number:04d}.json")]
    same = dict(zip((clip.place for clip in known), before, strict=False)) if len(before) == len(known) else {}
    states = dict(zip(now, file_states(list(now.values())), strict=True))
    return Changes(
        [clip.name for place, clip in now.items() if place not in places],
        [clip.name for clip in known if clip.place in now and same.get(clip.place) not in (None, states[clip.place])],
        [clip.name for clip in known if clip.place not in now],
    )


def _remembered(path: Path) -> list[list[int] | None]:
    """Nothing for folders of earlier releases."""
    states: list[list[int] | None] = json.loads(path.read_text(encoding="ascii")) if path.exists() else []
    return states


def file_states(clips: Sequence[Clip]) -> list[list[int] | None]:
    """What tells versions of files apart; folders in a storage are listed once."""
    roots = {clip.root for clip in clips if clip.root and address_of(clip.root) is not None}
    listed = {place.address: place for root in roots for place in Storage().find(root)}
    return [_state_there(listed, clip) if clip.root in roots else file_state(clip) for clip in clips]


def _state_there(listed: Mapping[str, Stored], clip: Clip) -> list[int] | None:
    """Size and a hash of its version."""
    place = listed.get(f"{clip.root}/{clip.name}")
    return None if place is None else [place.size, int(sha256(place.tag.encode()).hexdigest()[:12], 16)]


def file_state(clip: Clip) -> list[int] | None:
    """Size and time; None for what is no file here, such as what is in a storage."""
    try:
        status = clip.path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(shown, names[:SHOWN])) + more
