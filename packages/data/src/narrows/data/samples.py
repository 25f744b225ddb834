"""Which members of a shard belong to one sample.

WebDataset takes the name up to its first dot as the key of a sample and the rest as an ending: `000012.flac`,
`000012.json`. Names of music have dots of their own (`01. Song No. 0.flac`, `take.0.flac`, `take.1.flac`), so members
are first gathered by that key, and where they turn out to hold several sounds, parted again at the last dot, before an
ending that is known. Metadata that belongs to none of the sounds alone (`song.json` beside `song.vocals.flac` and
`song.drums.flac`) goes with each. A folder with one sound is one sample, whatever its members are called
(`0012/audio.flac`, `0012/meta.json`).

What no sample takes is told: metadata without a sound, a second sound of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from narrows.audio.errors import AudioFileError
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.data.scan import is_junk

ARRAY_ENDINGS = ("npy", "safetensors", "npz", "pth")
TEXT_ENDINGS = ("json", "txt")
NOTE_ENDINGS = (
    *TEXT_ENDINGS,
    "",
    "jsonl",
    "md",
    "csv",
    "tsv",
    "yaml",
    "yml",
    "xml",
    "html",
    "pdf",
    "jpg",
    "jpeg",
    "png",
)
"""Endings of files that are no sample for themselves."""
LONGEST_RUN = 256
"""Members that are gathered at most, so that a shard in which all share a key is read in pieces."""


class Grouped(NamedTuple):
    """A sample: its key, and the name of the member for each ending."""

    key: str
    members: dict[str, str]


def first_dot(name: str) -> tuple[str, str]:
    """Key and ending of a member, split at the first dot within its name; the ending is in lower case."""
    folder, slash, base = name.rpartition("/")
    inner = base.lstrip(".")
    stem, _, ending = inner.partition(".")
    return f"{folder}{slash}{base[: len(base) - len(inner)]}{stem}", ending.lower()


def last_dot(name: str) -> tuple[str, str]:
    """Key and ending of a member, split at the last dot of its name; without one the ending is empty."""
    stem, dot, ending = name.rpartition(".")
    return (stem, ending.lower()) if dot and "/" not in ending else (name, "")


def runs(names: Iterable[str]) -> Iterator[list[str]]:
    """Members that follow each other and share the key before the first dot, or a folder that holds one sound."""
    wanted = (name for name in names if not is_junk(name))
    for folder, inside in groupby(wanted, lambda name: name.rpartition("/")[0]):
        head: list[str] = []
        for name in inside if folder else ():
            head.append(name)
            if len(head) >= LONGEST_RUN or not _one_at_most(head):
                break
        else:
            if head and any(_is_medium(name) for name in head):
                yield head
                continue
        yield from _by_key(chain(head, inside))


def _one_at_most(names: Sequence[str]) -> bool:
    """Whether members are of one sound and one array at most."""
    return all(
        len({first_dot(name)[0] for name in names if last_dot(name)[1] in endings}) <= 1
        for endings in (AUDIO_ENDINGS, ARRAY_ENDINGS)
    )


def _is_medium(name: str) -> bool:
    return last_dot(name)[1] in AUDIO_ENDINGS or last_dot(name)[1] in ARRAY_ENDINGS


def _by_key(names: Iterable[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for name in names:
        if run and (first_dot(run[0])[0] != first_dot(name)[0] or len(run) >= LONGEST_RUN):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def samples_of(run: Sequence[str]) -> list[Grouped]:
    """The samples of a run of members: one, or as many as there are sounds, or arrays where there is no sound.

    Notes alone are none.
    """
    if all(last_dot(name)[1] in NOTE_ENDINGS for name in run):
        return []
    key = first_dot(next((name for name in run if _is_medium(name)), run[0]))[0]
    sounds = [name for name in run if last_dot(name)[1] in AUDIO_ENDINGS]
    arrays = [name for name in run if last_dot(name)[1] in ARRAY_ENDINGS]
    several = sounds if sounds else arrays
    stems = dict.fromkeys(last_dot(name)[0] for name in several)
    if len(stems) <= 1 or (not sounds and key in stems):
        return [_sample(key, run)]
    shared = [name for name in run if last_dot(name)[0] not in stems]
    return [_sample(stem, [*(name for name in run if last_dot(name)[0] == stem), *shared]) for stem in stems]


def left_over(run: Sequence[str], samples: Sequence[Grouped]) -> list[str]:
    """Sounds, arrays and texts of a run that no sample reads."""
    read: set[str] = set()
    for sample in samples:
        read |= {sample.members[ending] for ending in TEXT_ENDINGS if ending in sample.members}
        for endings in (AUDIO_ENDINGS, ARRAY_ENDINGS):
            found = (name for ending, name in sample.members.items() if ending.rpartition(".")[2] in endings)
            read |= {name for name in [next(found, None)] if name is not None}
    left = [name for name in run if name not in read]
    # Beside a sound there may be anything else: a cover, a score.
    return [name for name in left if last_dot(name)[1] in (*AUDIO_ENDINGS, *TEXT_ENDINGS)] if samples else left


def leftovers_text(names: Sequence[str], count: int | None = None) -> str:
    """What is said about members that no sample reads.

    Args:
        names: some of them.
        count: how many there are; None where `names` has all.
    """
    number = len(names) if count is None else count
    few = ", ".join(repr(name) for name in names[:3]) + (", ..." if number > 3 else "")
    members_are = "1 member is" if number == 1 else f"{number} members are"
    return (
        f"{members_are} used by no sample ({few}): what belongs to a sound or an array follows it and has its name up "
        "to the first dot, or is alone with it in a folder"
    )


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


def grouped(
    members: Iterable[tuple[str, bytes]], left_out: Callable[[str], object] = lambda name: None
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Key and content by ending of each sample, of members `(name, content)` that come one after the other.

    Args:
        members: of a shard.
        left_out: told the name of each member that no sample reads.

    Raises:
        AudioFileError: a name occurs twice in one sample.
    """
    held: dict[str, bytes] = {}

    def names() -> Iterator[str]:
        for name, data in members:
            if name in held:
                raise AudioFileError(name, "occurs twice in its shard")
            if not is_junk(name):
                held[name] = data
                yield name

    for run in runs(names()):
        samples = samples_of(run)
        for sample in samples:
            yield sample.key, {ending: held[name] for ending, name in sample.members.items()}
        for name in left_over(run, samples):
            left_out(name)
        for name in run:
            del held[name]
