"""Batches that fill their budget, and threads that leave the processors to the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.data import AudioFileError, AudioInfo
from narrows.pipelines.pre_encode.loading import ahead, plan_batches
from narrows.pipelines.pre_encode.sources import Wanted
from narrows.pipelines.pre_encode.threads import reading_threads

RATIO = 2048
WANTED = Wanted(sample_rate=44100, channels=2, ratio=RATIO, sample_size=None, batch_seconds=60.0)


@dataclass(frozen=True)
class Header:
    """A clip of which only the header is read."""

    frames: int
    channels: int = 2
    key: str = "a"
    dataset: str = "b"
    name: str = "c"

    def header(self) -> AudioInfo:
        if not self.frames:
            raise AudioFileError(self.name, "holds nothing")
        return AudioInfo(self.frames, 44100, self.channels, "WAV")

    def load(self, *_: Any) -> Any:
        raise NotImplementedError


def test_clips_of_mixed_lengths_fill_the_budget() -> None:
    lengths = torch.randint(44100, 15 * 44100, (1000,), generator=torch.Generator().manual_seed(0)).tolist()
    plan = plan_batches([Header(n) for n in lengths], WANTED)
    padded = [len(batch) * max(clip.size for clip in batch) for batch in plan.batches]
    budget = 60 * 44100
    # Each bucket ends with a batch that is not full.
    assert sum(padded) / len(padded) > 0.7 * budget
    assert sum(lengths) / sum(padded) > 0.93


@given(st.lists(st.integers(0, 4_000_000), max_size=60))
def test_no_clip_is_lost_and_no_batch_is_too_large(lengths: list[int]) -> None:
    plan = plan_batches([Header(n) for n in lengths], WANTED)
    planned = [clip.size for batch in plan.batches for clip in batch]
    assert sorted(planned) == sorted(n for n in lengths if n)
    assert len(plan.faults) == lengths.count(0)
    for batch in plan.batches:
        frames = [clip.frames(RATIO) for clip in batch]
        assert len(batch) == 1 or len(batch) * max(frames) * RATIO <= 60 * 44100
        assert min(frames) >= max(frames) * 7 / 8


def test_folded_channels_count() -> None:
    plan = plan_batches([Header(20 * 44100, channels=4) for _ in range(3)], replace(WANTED, channel_policy="fold"))
    assert [[clip.rows for clip in batch] for batch in plan.batches] == [[2], [2], [2]]


def test_reading_threads_do_not_take_processors_from_the_model() -> None:
    own = torch.get_num_threads()
    torch.set_num_threads(3)
    together = Barrier(4)

    def threads(_: int) -> int:
        together.wait()
        torch.ones(1 << 20).mul(2).sum()
        return torch.get_num_threads()

    try:
        with reading_threads(4) as pool:
            assert list(pool.map(threads, range(4))) == [1, 1, 1, 1]
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(own)


def test_no_more_is_read_ahead_than_asked() -> None:
    done: list[int] = []
    with reading_threads(2) as pool:
        results = ahead(pool, lambda n: done.append(n) or n, range(20), lambda n: 1.0, limit=4)  # type: ignore[func-returns-value]
        assert next(results) == 0
        assert len(done) <= 5
        assert list(results) == list(range(1, 20))


@pytest.mark.parametrize("count", [1, 3])
def test_similar_clips_share_a_batch(count: int) -> None:
    sounds = [Header(100 * RATIO - number) for number in range(count)]
    assert len(plan_batches(sounds, WANTED).batches) == 1
