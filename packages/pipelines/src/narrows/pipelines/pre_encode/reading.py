"""The reading stage: shards opened and their clips decoded ahead of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple, final

from narrows.data.faults import Fault
from narrows.pipelines.engines import Attempt
from narrows.pipelines.pre_encode.clips import Shard
from narrows.pipelines.pre_encode.loading import HEADERS_AT_ONCE, Decoded, LeftOut, Plan, decoded_batches, plan_batches
from narrows.pipelines.pre_encode.sources import OpenShard, Sound, Source, Wanted
from narrows.pipelines.pre_encode.threads import reading_threads


class Opening(NamedTuple):
    """The first block of a shard: what is known before a clip is decoded."""

    clips: int
    """How many it has."""
    faults: list[Fault]
    """Clips without a header that can be read."""
    left_out: int
    """Clips that are shorter or longer than wanted."""


Block = Opening | list[Decoded | Fault | LeftOut]


class _Opened(NamedTuple):
    """A shard whose clips are known, and what is planned for them."""

    clips: OpenShard
    plan: Plan
    faults: list[Fault]


@final
class ShardReader:
    """Opens shards and decodes their clips with threads.

    Args:
        source: of the data set.
        wanted: how clips are to arrive.
        threads: that decode.
        seed: of the run.
    """

    def __init__(self, source: Source, wanted: Wanted, threads: int, seed: int) -> None:
        self._source, self._wanted, self._seed = source, wanted, seed
        self._pool = reading_threads(threads)

    def start(self, unit: Shard, attempt: Attempt) -> Iterator[Block]:
        """Begin to open a shard; gives an `Opening`, then the batches in their order."""
        return self._blocks(self._pool.submit(self._open, unit, attempt), attempt)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _open(self, shard: Shard, attempt: Attempt) -> _Opened:
        if attempt.careful:
            attempt.holds([clip.name for clip in shard.clips])
        whole = {clip.name: attempt.aside[clip.name] for clip in shard.clips if clip.name in attempt.aside}
        if len(whole) == len(shard.clips):
            return _Opened(OpenShard([], [], lambda: None), Plan([], [], 0), _faults(whole))
        clips = self._source.open(shard)
        sounds, faults = _without(clips.sounds, attempt.aside)
        if attempt.careful:
            plan = plan_batches(sounds, self._wanted, threads=1, holds=attempt.holds)
            attempt.holds([])
        else:
            plan = plan_batches(sounds, self._wanted, HEADERS_AT_ONCE)
        return _Opened(clips, plan, [*clips.faults, *faults, *plan.faults])

    def _blocks(self, opening: Future[_Opened], attempt: Attempt) -> Iterator[Block]:
        clips, plan, faults = opening.result()
        try:
            yield Opening(len(clips.sounds), faults, plan.left_out)
            if attempt.careful:
                with reading_threads(1) as pool:
                    yield from self._decoded(plan, pool, attempt)
            else:
                yield from self._decoded(plan, self._pool, None)
        finally:
            clips.close()

    def _decoded(self, plan: Plan, pool: Executor, attempt: Attempt | None) -> Iterator[Block]:
        holds = attempt.holds if attempt is not None else lambda names: None
        yield from decoded_batches(plan.batches, self._wanted, pool, self._seed, holds)


def _without(sounds: Sequence[Sound], aside: Mapping[str, str]) -> tuple[list[Sound], list[Fault]]:
    """The sounds that are not set aside, and the faults of those that are."""
    kept = [sound for sound in sounds if sound.name not in aside]
    return kept, _faults({sound.name: aside[sound.name] for sound in sounds if sound.name in aside})


def _faults(reasons: Mapping[str, str]) -> list[Fault]:
    return [Fault(name, reason) for name, reason in reasons.items()]
