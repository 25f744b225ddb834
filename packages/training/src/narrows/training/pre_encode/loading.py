"""Audio ahead of the model: headers first, then files decoded by threads, in batches of equal length."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from torch import Tensor

from narrows.data import AudioFileError, AudioInfo, audio_info, read_audio
from narrows.data.audio.cropping import Crop, pad_to
from narrows.data.audio.resampling import resampled_length
from narrows.data.faults import Fault, fault_of
from narrows.training.pre_encode.clips import Clip

Item = TypeVar("Item")
Result = TypeVar("Result")

HEADERS_AT_ONCE = 8
"""Threads that read headers: network drives answer slowly."""


@dataclass(frozen=True)
class Wanted:
    """How clips are to arrive."""

    sample_rate: int
    channels: int
    ratio: int
    """Samples a latent frame."""
    sample_size: int | None
    batch_seconds: float
    min_length_sec: float | None = None
    max_length_sec: float | None = None


class Planned(NamedTuple):
    """A clip whose length is known from its header."""

    clip: Clip
    crop: Crop

    def frames(self, ratio: int) -> int:
        """Latent frames it will have."""
        return -(-self.crop.size // ratio)


class Decoded(NamedTuple):
    """A clip in memory."""

    planned: Planned
    audio: Tensor
    """`(C, T)`."""
    sha256: str
    """Of the file."""


class Plan(NamedTuple):
    """What becomes of the clips of a shard."""

    batches: list[list[Planned]]
    faults: list[Fault]
    left_out: int
    """Clips that are shorter or longer than wanted."""


def plan_batches(clips: Sequence[Clip], wanted: Wanted) -> Plan:
    """Clips of equal length in latent frames together, as many as the budget allows."""
    faults: list[Fault] = []
    planned, left_out = [], 0
    for item in _headers(clips, wanted, faults):
        seconds = item.crop.total / wanted.sample_rate
        if (wanted.min_length_sec or 0) <= seconds <= (wanted.max_length_sec or float("inf")):
            planned.append(item)
        else:
            left_out += 1
    by_frames: dict[int, list[Planned]] = defaultdict(list)
    for item in planned:
        by_frames[item.frames(wanted.ratio)].append(item)
    batches = []
    for frames, group in sorted(by_frames.items()):
        most = max(1, int(wanted.batch_seconds * wanted.sample_rate / (frames * wanted.ratio)))
        batches += [group[start : start + most] for start in range(0, len(group), most)]
    return Plan(batches, faults, left_out)


def decoded_batches(
    batches: Sequence[Sequence[Planned]], wanted: Wanted, pool: Executor
) -> Iterator[list[Decoded | Fault]]:
    """The batches in memory, in their order; a file that fails leaves its fault. Threads work some audio ahead."""
    limit = 2 * wanted.batch_seconds * wanted.sample_rate

    def load(planned: Planned) -> Decoded | Fault:
        return _decode(planned, wanted)

    loaded = ahead(pool, load, (p for batch in batches for p in batch), lambda p: p.crop.size, limit)
    for batch in batches:
        yield [next(loaded) for _ in batch]


def ahead(
    pool: Executor,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    weight: Callable[[Item], float],
    limit: float,
) -> Iterator[Result]:
    """`map(function, items)`, computed by a pool as far ahead as the weights of what waits allow."""
    waiting: deque[tuple[float, Future[Result]]] = deque()
    total = 0.0
    for item in items:
        waiting.append((weight(item), pool.submit(function, item)))
        total += waiting[-1][0]
        while total > limit and len(waiting) > 1:
            given, future = waiting.popleft()
            total -= given
            yield future.result()
    while waiting:
        yield waiting.popleft()[1].result()


def _headers(clips: Sequence[Clip], wanted: Wanted, faults: list[Fault]) -> Iterator[Planned]:
    def header(clip: Clip) -> AudioInfo | Fault:
        try:
            return audio_info(clip.path)
        except AudioFileError as error:
            return fault_of(error)

    with ThreadPoolExecutor(HEADERS_AT_ONCE) as pool:
        for clip, found in zip(clips, pool.map(header, clips), strict=True):
            if isinstance(found, Fault):
                faults.append(found)
                continue
            total = resampled_length(found.frames, found.sample_rate, wanted.sample_rate)
            yield Planned(clip, Crop(0, wanted.sample_size or total, total, wanted.sample_rate))


def _decode(planned: Planned, wanted: Wanted) -> Decoded | Fault:
    path, crop = planned.clip.path, planned.crop
    try:
        audio, _ = read_audio(path, 0, min(crop.size, crop.total), wanted.sample_rate, wanted.channels)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except AudioFileError as error:
        return fault_of(error)
    except OSError as error:
        return Fault(str(path), error.strerror or str(error))
    return Decoded(planned, pad_to(audio, crop.size), sha256)
