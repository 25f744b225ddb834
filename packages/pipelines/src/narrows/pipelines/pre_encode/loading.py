"""Audio ahead of the model: headers first, then clips decoded by threads, in batches of similar length."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from torch import Tensor

from narrows.audio.resampling import resampled_length
from narrows.data import AudioFileError, AudioInfo
from narrows.data.errors import shown
from narrows.data.faults import Fault, Rejected, fault_of
from narrows.models.codec import ChannelError, channels_to_read, fold_channels
from narrows.models.codec.channels import groups
from narrows.models.streaming.padded import buckets
from narrows.pipelines.pre_encode.seeds import clip_seed
from narrows.pipelines.pre_encode.sources import Sound, Wanted

Item = TypeVar("Item")
Result = TypeVar("Result")
Holds = Callable[[Sequence[str]], object]
"""Told what a process is about to touch."""

OF_TRAINING = ("padding_mask", "load_time")
"""Metadata of a clip that mean nothing to its latents."""
HEADERS_AT_ONCE = 8
"""Threads that read headers: network drives answer slowly."""


class Planned(NamedTuple):
    """A clip whose length is known from its header."""

    sound: Sound
    channels: int
    """To bring it to."""
    size: int
    """Samples of each channel that it will have, at the model's rate."""
    rows: int
    """Clips it makes of a batch: more than one where channels are folded."""

    def frames(self, ratio: int) -> int:
        """Latent frames it will have."""
        return -(-self.size // ratio)


class Decoded(NamedTuple):
    """A clip in memory, with all that encoding it takes: it may go to another process."""

    key: str
    """Name of its sample in the shard."""
    dataset: str
    name: str
    audio: Tensor
    """`(rows, C, T)`."""
    samples: int
    """Of its sound, without padding."""
    info: dict[str, Any]
    """Its metadata, without what only training asks for."""
    sha256: str
    """Of the file."""


class LeftOut(NamedTuple):
    """A clip that could be read but is not wanted."""

    path: str
    reason: str


class Plan(NamedTuple):
    """What becomes of the clips of a shard."""

    batches: list[list[Planned]]
    faults: list[Fault]
    left_out: int
    """Clips that are shorter or longer than wanted."""


def plan_batches(
    sounds: Sequence[Sound], wanted: Wanted, threads: int = HEADERS_AT_ONCE, holds: Holds = lambda names: None
) -> Plan:
    """Clips of similar length together, as many as the budget allows.

    Args:
        sounds: clips.
        wanted: how they are to arrive.
        threads: headers that are read at a time.
        holds: told the name of each clip before its header is read.
    """
    faults: list[Fault] = []
    left_out = 0
    clips: list[Planned] = []
    for item, total in _headers(sounds, wanted, faults, threads, holds):
        if (wanted.min_length_sec or 0) <= total / wanted.sample_rate <= (wanted.max_length_sec or float("inf")):
            clips.append(item)
        else:
            left_out += 1
    budget = wanted.batch_seconds * wanted.sample_rate / wanted.ratio
    alike = buckets([clip.frames(wanted.ratio) for clip in clips])
    batches = [batch for places in alike for batch in _batches([clips[p] for p in places], budget, wanted.ratio)]
    return Plan(batches, faults, left_out)


def decoded_batches(
    batches: Sequence[Sequence[Planned]],
    wanted: Wanted,
    pool: Executor,
    seed: int,
    holds: Holds = lambda names: None,
) -> Iterator[list[Decoded | Fault | LeftOut]]:
    """The batches in memory, in their order; a file that fails leaves its fault. Threads work some audio ahead."""
    limit = 2 * wanted.batch_seconds * wanted.sample_rate

    def load(planned: Planned) -> Decoded | Fault | LeftOut:
        holds([planned.sound.name])
        return _decode(planned, wanted, seed)

    loaded = ahead(pool, load, (p for batch in batches for p in batch), lambda p: p.size * p.rows, limit)
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


def _batches(clips: Sequence[Planned], budget: float, ratio: int) -> Iterator[list[Planned]]:
    """Batches of clips that come by length, each of so many frames, padding included."""
    batch: list[Planned] = []
    rows = 0
    for item in clips:
        if batch and (rows + item.rows) * item.frames(ratio) > budget:
            yield batch
            batch, rows = [], 0
        batch.append(item)
        rows += item.rows
    yield batch


def _headers(
    sounds: Sequence[Sound], wanted: Wanted, faults: list[Fault], threads: int, holds: Holds
) -> Iterator[tuple[Planned, int]]:
    """Each clip that has a header, with the length of its whole sound."""

    def header(sound: Sound) -> AudioInfo | Fault:
        holds([sound.name])
        try:
            return sound.header()
        except AudioFileError as error:
            return fault_of(error)

    with ThreadPoolExecutor(threads) as pool:
        for sound, found in zip(sounds, pool.map(header, sounds), strict=True):
            if isinstance(found, Fault):
                faults.append(found)
                continue
            try:
                channels = channels_to_read(found.channels, wanted.channels, wanted.channel_policy)
            except ChannelError as error:
                faults.append(Fault(sound.name, str(error)))
                continue
            total = resampled_length(found.frames, found.sample_rate, wanted.sample_rate)
            size = wanted.sample_size or total
            yield Planned(sound, channels, size, groups(channels, wanted.channels)), total


def _decode(planned: Planned, wanted: Wanted, seed: int) -> Decoded | Fault | LeftOut:
    sound = planned.sound
    try:
        audio, info, sha256 = sound.load(wanted, planned.channels, clip_seed(seed, sound.dataset, sound.name))
    except AudioFileError as error:
        return fault_of(error)
    except Rejected as error:
        return LeftOut(sound.name, shown(str(error)))
    samples = int(info["padding_mask"].sum())
    kept = {name: value for name, value in info.items() if name not in OF_TRAINING}
    folded = fold_channels(audio, wanted.channels)
    return Decoded(sound.key, sound.dataset, sound.name, folded, samples, kept, sha256)
