"""One cut of Lhotse: a line of a manifest, and the stretch of a recording that it names.

Manifests are those that Lhotse writes: a JSON object a line, with `recording`, `start`, `duration`, `channel` and
`supervisions`. Lhotse itself is not needed. Letters: T samples, C channels.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from narrows.audio.files import open_audio
from narrows.audio.formats.decoder import AudioInfo, Decoder
from narrows.data.errors import AudioFileError

KINDS = ("MonoCut", "MultiCut", "DataCut")
"""Cuts that are stretches of one recording; others are mixtures, or silence."""
FACTS = ("speaker", "language", "gender")
"""What supervisions say about a speaker; taken where all that say it agree."""


@dataclass(frozen=True)
class Source:
    """A file of a recording."""

    path: Path
    channels: tuple[int, ...]
    """Numbers that its channels have in the recording."""


@dataclass(frozen=True)
class Cut:
    """A stretch of a recording."""

    place: str
    """Manifest and line, for messages."""
    id: str
    start: float
    """Second of the recording."""
    duration: float
    """In seconds."""
    channels: tuple[int, ...]
    """Numbers of the channels that are taken, in this order."""
    sources: tuple[Source, ...]
    values: Mapping[str, Any]
    """Metadata: of the supervisions and of the cut."""

    @contextmanager
    def open(self) -> Iterator[Decoder]:
        """The stretch as if it were a file of its own.

        Raises:
            AudioFileError: a file cannot be read, or lacks the channels; the message names file and line.
        """
        try:
            with ExitStack() as stack:
                taken = [source for source in self.sources if set(source.channels) & set(self.channels)]
                opened = [(source, stack.enter_context(open_audio(source.path))) for source in taken]
                yield CutDecoder(self, opened)
        except AudioFileError as error:
            if error.path == self.place:
                raise
            raise AudioFileError(self.place, f"{error.path}: {error.reason}") from error


@final
class CutDecoder:
    """Reads a stretch of the files of a recording.

    Args:
        cut: which stretch, and which channels.
        opened: files that hold these.

    Raises:
        AudioFileError: the files do not hold the channels or the stretch, or differ in their rates.
    """

    def __init__(self, cut: Cut, opened: Sequence[tuple[Source, Decoder]]) -> None:
        self._opened = opened
        rates = {decoder.info.sample_rate for _, decoder in opened}
        if len(rates) > 1:
            raise AudioFileError(cut.place, f"its files have the rates {', '.join(map(str, sorted(rates)))} Hz")
        self._columns = [_column(cut, opened, channel) for channel in cut.channels]
        first = opened[0][1].info
        self._first = samples(cut.start, first.sample_rate)
        shortest = min(decoder.info.frames for _, decoder in opened)
        left = shortest - self._first
        if left <= 0:
            raise AudioFileError(
                cut.place, f"begins at {cut.start:g} s, but {opened[0][0].path} ends at {first.seconds:g} s"
            )
        # As Lhotse has it, a cut may reach a few samples beyond its file, whose length was rounded.
        frames = min(samples(cut.duration, first.sample_rate), left)
        self.info = AudioInfo(frames, first.sample_rate, len(cut.channels), first.format)

    @property
    def remark(self) -> str | None:
        """What is wrong with a file that decodes all the same."""
        return next((decoder.remark for _, decoder in self._opened if decoder.remark), None)

    @remark.setter
    def remark(self, text: str | None) -> None:
        self._opened[0][1].remark = text

    @property
    def open_ended(self) -> bool:
        """Whether the files end where decoding ends."""
        return all(decoder.open_ended for _, decoder in self._opened)

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start` of the stretch, `(T, C)`; fewer at its end."""
        wanted = max(0, min(frames, self.info.frames - start))
        blocks = [decoder.read(self._first + start, wanted) for _, decoder in self._opened]
        length = min(map(len, blocks))
        return np.stack([blocks[file][:length, column] for file, column in self._columns], axis=1)

    def tags(self) -> dict[str, str]:
        """Tags inside the first file."""
        return self._opened[0][1].tags()

    def close(self) -> None:
        """Files are closed by whoever opened them."""


def _column(cut: Cut, opened: Sequence[tuple[Source, Decoder]], channel: int) -> tuple[int, int]:
    """File and column of a channel."""
    for file, (source, decoder) in enumerate(opened):
        if channel in source.channels and (column := source.channels.index(channel)) < decoder.info.channels:
            return file, column
    raise AudioFileError(cut.place, f"takes channel {channel}, which the files of its recording do not have")


def samples(seconds: float, rate: int) -> int:
    """Samples of a time, rounded half up as Lhotse rounds."""
    return math.floor(round(seconds * rate, 8) + 0.5)


def parse(line: bytes | str, place: str, root: Path) -> Cut:
    """A cut from a line of a manifest.

    Args:
        line: of JSON.
        place: manifest and line, for messages.
        root: where relative paths of recordings begin.

    Raises:
        AudioFileError: it is no cut of one recording whose audio is in files; the message says what it is.
    """
    try:
        told = json.loads(line)
    except ValueError as error:
        raise AudioFileError(place, f"is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise AudioFileError(place, "is no cut: a line holds a JSON object")
    kind = told.get("type", "MonoCut")
    if kind not in KINDS:
        raise AudioFileError(place, f"is a {kind}, not a stretch of one recording: save its audio with Lhotse first")
    recording = told.get("recording")
    if not isinstance(recording, dict):
        raise AudioFileError(place, "has no recording: cuts with features alone hold no audio")
    if recording.get("transforms"):
        raise AudioFileError(place, "changes its recording (`transforms`): save its audio with Lhotse first")
    try:
        channel = told.get("channel", 0)
        return Cut(
            place,
            str(told["id"]),
            float(told.get("start", 0.0)),
            float(told["duration"]),
            tuple(int(number) for number in (channel if isinstance(channel, list) else [channel])),
            tuple(_source(source, place, root) for source in recording["sources"]),
            values_of(told),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, AudioFileError):
            raise
        raise AudioFileError(place, f"is no cut of Lhotse: {type(error).__name__} {error}") from error


def _source(told: Mapping[str, Any], place: str, root: Path) -> Source:
    kind = told["type"]
    if kind != "file":
        said = " (a command is never run)" if kind == "command" else ""
        raise AudioFileError(place, f"its recording comes from a {kind}{said}: only files are read")
    return Source(root / Path(str(told["source"])).expanduser(), tuple(int(number) for number in told["channels"]))


def values_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata of a cut: its `custom` fields, then those of its supervisions, whose texts are joined in their order."""
    supervisions = [each for each in told.get("supervisions") or () if isinstance(each, dict)]
    values: dict[str, Any] = {}
    for custom in (told.get("custom"), *(each.get("custom") for each in supervisions)):
        # Arrays and recordings are kept elsewhere: what stands here of them is no value.
        values |= {key: value for key, value in (custom or {}).items() if not isinstance(value, dict)}
    supervisions.sort(key=lambda each: float(each.get("start", 0.0)))
    if texts := [str(each["text"]) for each in supervisions if each.get("text")]:
        values["text"] = " ".join(texts)
    for fact in FACTS:
        said = {each[fact] for each in supervisions if each.get(fact)}
        if len(said) == 1:
            values[fact] = said.pop()
    return values
