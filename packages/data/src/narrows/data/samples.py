"""Which members of a shard belong to one sample.

WebDataset takes the name up to its first dot as the key of a sample and the rest as an ending: `000012.flac`,
`000012.json`. Names of music have dots of their own (`01. Song No. 0.flac`, `take.0.flac`, `take.1.flac`), so members
are first gathered by that key, and where they turn out to hold several sounds, parted again at the last dot, before an
ending that is known. Metadata that belongs to none of the sounds alone (`song.json` beside `song.vocals.flac` and
`song.drums.flac`) goes with each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from narrows.audio.errors import AudioFileError
from narrows.audio.formats.endings import AUDIO_ENDINGS

ARRAY_ENDINGS = ("npy", "safetensors", "npz", "pth")
TEXT_ENDINGS = ("json", "txt")
LONGEST_RUN = 256
"""Members that are gathered at most, so that a shard in which all share a key is read in pieces."""


class Grouped(NamedTuple):
    """A sample: its key, and the name of the member for each ending."""

    key: str
    members: dict[str, str]


def first_dot(name: str) -> tuple[str, str]:
    """Key and ending of a member, split at the first dot of its name; the ending is in lower case."""
    folder, _, base = name.rpartition("/")
    stem, _, ending = base.partition(".")
    return (f"{folder}/{stem}" if folder else stem), ending.lower()


def last_dot(name: str) -> tuple[str, str]:
    """Key and ending of a member, split at the last dot of its name."""
    stem, _, ending = name.rpartition(".")
    return stem, ending.lower()


def runs(names: Iterable[str]) -> Iterator[list[str]]:
    """Members that follow each other and share the key before the first dot."""
    run: list[str] = []
    for name in names:
        key, ending = first_dot(name)
        if not key or not ending:
            continue
        if run and (first_dot(run[0])[0] != key or len(run) >= LONGEST_RUN):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def samples_of(run: Sequence[str]) -> list[Grouped]:
    """The samples of a run of members: one, or as many as there are sounds, or arrays where there is no sound."""
    key = first_dot(run[0])[0]
    sounds = [name for name in run if last_dot(name)[1] in AUDIO_ENDINGS]
    arrays = [name for name in run if last_dot(name)[1] in ARRAY_ENDINGS]
    several = sounds if sounds else arrays
    stems = dict.fromkeys(last_dot(name)[0] for name in several)
    if len(stems) <= 1 or (not sounds and key in stems):
        return [_sample(key, run)]
    shared = [name for name in run if last_dot(name)[0] not in stems]
    return [_sample(stem, [*(name for name in run if last_dot(name)[0] == stem), *shared]) for stem in stems]


def _sample(key: str, names: Sequence[str]) -> Grouped:
    """The members by ending. Of several texts the one that is named like the sample, or like its sound, comes first."""
    members: dict[str, str] = {}
    sounds = {last_dot(name)[0] for name in names if last_dot(name)[1] in AUDIO_ENDINGS}
    for name in sorted(names, key=lambda name: (last_dot(name)[0] != key, last_dot(name)[0] not in sounds)):
        ending = last_dot(name)[1]
        if ending in (*AUDIO_ENDINGS, *TEXT_ENDINGS) and ending not in members:
            members[ending] = name
            continue
        if ending in ARRAY_ENDINGS:
            members.setdefault(ending, name)
        # The whole ending too: `latent_extension` may name it.
        members.setdefault(first_dot(name)[1], name)
    return Grouped(key, members)


def grouped(members: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Key and content by ending of each sample, of members `(name, content)` that come one after the other.

    Raises:
        AudioFileError: a name occurs twice in one sample.
    """
    held: dict[str, bytes] = {}

    def names() -> Iterator[str]:
        for name, data in members:
            if name in held:
                raise AudioFileError(name, "occurs twice in its shard")
            held[name] = data
            yield name

    for run in runs(names()):
        for sample in samples_of(run):
            yield sample.key, {ending: held[name] for ending, name in sample.members.items()}
        for name in run:
            del held[name]
