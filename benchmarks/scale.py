"""What pre-encoding 10^6 hours and training a model of 10^9 weights take, by formula and by simulation.

    python benchmarks/scale.py            # prints the tables of docs/scale.md
    python benchmarks/scale.py --write    # and writes them into the page

Nothing is measured here. Assumptions stand in the tables; change them at the top of this file.
"""

from __future__ import annotations

import argparse
import heapq
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parent.parent / "docs/scale.md"
BEGIN, END = "<!-- tables: benchmarks/scale.py -->", "<!-- end of tables -->"

HOURS, CLIP_SECONDS = 1e6, 240.0
REAL_TIME_FACTOR = 1000.0
"""Hours of sound that one GPU encodes in an hour; an assumption, to be replaced by what `narrows pre-encode` shows."""
ENCODING_DAYS = 2.0
FLAC_BYTES = 0.6 * 44100 * 2 * 2
"""Bytes of a second of sound."""
FRAMES, CHANNELS, BYTES = 21.5, 64, 2
"""Latent frames of a second, their channels, bytes of a value."""
SHARD_CLIPS, ROW_BYTES = 1000, 52.4
"""Clips of a shard, and bytes of a row of an index (`benchmarks/index_rows.py`)."""
WEIGHTS, STEPS, BATCH, CROP_SECONDS = 1e9, 500_000, 1024, 47.0
FLOPS, USED = 989e12, 0.35
"""Of a GPU in bfloat16, and the share of it that training reaches; an assumption."""
TRAINING_GPUS, GPUS_OF_NODE = 64, 8
CHECKPOINT_MINUTES, RESTART_MINUTES = 30.0, 5.0

WORKERS, SHARDS_EACH, MEAN_HOURS = 1000, 40, 0.25
DEATHS, REPAIR = 0.01, 1 / 6
"""Of a worker in an hour, and hours until another one stands in its place."""
LONGEST = 20
"""Mean shards that the longest one is as long as."""
SPEED = 0.1
"""Standard deviation of the logarithm of a worker's speed."""


@dataclass
class Outcome:
    """Of a simulated run."""

    hours: float
    useful: float
    wasted: float

    @property
    def idle(self) -> float:
        """Share of the workers' time in which they did nothing."""
        return 1 - (self.useful + self.wasted) / (WORKERS * self.hours)


def lengths(rng: np.random.Generator, count: int, tail: float) -> np.ndarray:
    """Hours that shards take at speed 1: Pareto with this exponent (Lomax), of mean `MEAN_HOURS`."""
    return MEAN_HOURS * (tail - 1) * rng.pareto(tail, count)


def strided(work: Sequence[float], speeds: np.ndarray, rng: np.random.Generator) -> Outcome:
    """Rank r of n does every n-th shard; a dead worker is replaced, and does the shard in progress again."""
    ends, useful, wasted = [], 0.0, 0.0
    for rank, speed in enumerate(speeds.tolist()):
        now = 0.0
        for hours in (one / speed for one in work[rank::WORKERS]):
            while (death := rng.exponential(1 / DEATHS)) < hours:
                now, wasted = now + death + REPAIR, wasted + death
            now, useful = now + hours, useful + hours
        ends.append(now)
    return Outcome(max(ends), useful, wasted)


@dataclass
class Queue:
    """Workers take the next shard when they are free; near the end the free ones do those again that end last."""

    work: Sequence[float]
    speeds: list[float]
    rng: np.random.Generator
    duplicates: bool = True
    events: list[tuple[float, int, str, int]] = field(default_factory=list)
    running: dict[int, tuple[int, float, float]] = field(default_factory=dict)
    """Shard, start and planned end of each busy worker."""
    useful: float = 0.0
    wasted: float = 0.0

    def run(self) -> Outcome:
        """Until every shard is done."""
        self.waiting = deque(range(len(self.work)))
        self.done: set[int] = set()
        self.twice: set[int] = set()
        self.free: set[int] = set()
        now = 0.0
        for worker in range(len(self.speeds)):
            self._next(worker, now)
        while len(self.done) < len(self.work):
            now, worker, what, shard = heapq.heappop(self.events)
            if what == "back":
                self._next(worker, now)
            elif self.running.get(worker, (-1,))[0] == shard:
                self._ended(worker, now, what)
        return Outcome(now, self.useful, self.wasted)

    def _ended(self, worker: int, now: float, what: str) -> None:
        shard, start, _ = self.running.pop(worker)
        if what == "death":
            self.wasted += now - start
            if not any(other == shard for other, _, _ in self.running.values()):
                self.waiting.appendleft(shard)  # At the end, it would begin last.
                self.twice.discard(shard)
                if self.free:
                    self._next(self.free.pop(), now)
            heapq.heappush(self.events, (now + REPAIR, worker, "back", -1))
            return
        self.done.add(shard)
        self.useful += now - start
        if shard in self.twice:
            for other in [one for one, (same, _, _) in self.running.items() if same == shard]:
                self.wasted += now - self.running.pop(other)[1]
                self._next(other, now)
        self._next(worker, now)

    def _next(self, worker: int, now: float) -> None:
        if self.waiting:
            self._begin(worker, self.waiting.popleft(), now)
            return
        late = [(end, shard) for shard, _, end in self.running.values() if shard not in self.twice]
        if self.duplicates and late:
            end, shard = max(late)
            if now + self.work[shard] / self.speeds[worker] < end:  # Only where it can be sooner.
                self.twice.add(shard)
                self._begin(worker, shard, now)
                return
        self.free.add(worker)

    def _begin(self, worker: int, shard: int, now: float) -> None:
        hours = self.work[shard] / self.speeds[worker]
        death = self.rng.exponential(1 / DEATHS)
        self.running[worker] = (shard, now, now + hours)
        event = (now + death, worker, "death", shard) if death < hours else (now + hours, worker, "end", shard)
        heapq.heappush(self.events, event)


def simulated() -> Iterator[str]:
    """The table of the simulation."""
    yield "| tail of the lengths | scheduler | hours | idle | wasted |"
    yield "|---|---|---|---|---|"
    for tail, name in ((3.0, "Pareto, exponent 3"), (1.5, "Pareto, exponent 1.5")):
        work = lengths(np.random.default_rng(1), WORKERS * SHARDS_EACH, tail)
        work = np.minimum(work, LONGEST * MEAN_HOURS).tolist()
        speeds = np.exp(SPEED * np.random.default_rng(2).standard_normal(WORKERS))
        for scheduler, outcome in (
            ("rank and stride", strided(work, speeds, np.random.default_rng(3))),
            ("queue", Queue(work, speeds.tolist(), np.random.default_rng(3), duplicates=False).run()),
            ("queue, stragglers twice", Queue(work, speeds.tolist(), np.random.default_rng(3)).run()),
            (
                "queue, longest first, stragglers twice",
                Queue(sorted(work, reverse=True), speeds.tolist(), np.random.default_rng(3)).run(),
            ),
        ):
            wasted = outcome.wasted / outcome.useful
            yield f"| {name} | {scheduler} | {outcome.hours:.2f} | {outcome.idle:.1%} | {wasted:.2%} |"


def encoding() -> Iterator[str]:
    """The table of pre-encoding."""
    seconds, clips = 3600 * HOURS, 3600 * HOURS / CLIP_SECONDS
    gpu_hours = HOURS / REAL_TIME_FACTOR
    gpus = gpu_hours / (24 * ENCODING_DAYS)
    read, written = seconds * FLAC_BYTES, seconds * FRAMES * CHANNELS * BYTES
    window = 86400 * ENCODING_DAYS
    shard_hours = SHARD_CLIPS * CLIP_SECONDS / 3600 / REAL_TIME_FACTOR
    yield "| pre-encoding | formula | value |"
    yield "|---|---|---|"
    yield f"| hours of sound, H | | {HOURS:.0e} |"
    yield f"| hours of sound a GPU encodes in an hour, R (assumed) | | {REAL_TIME_FACTOR:.0f} |"
    yield f"| GPU hours | H / R | {gpu_hours:.0f} |"
    yield f"| GPUs, to be ready in D = {ENCODING_DAYS:g} days | H / (24 R D) | {gpus:.1f} |"
    yield f"| read | 3600 H x {FLAC_BYTES:.0f} bytes (FLAC) | {read / 1e12:.0f} TB, {read / window / 1e9:.2f} GB/s |"
    size = f"{written / 1e12:.1f} TB, {written / window / 1e6:.0f} MB/s"
    yield f"| written | 3600 H x {FRAMES:g} x {CHANNELS} x {BYTES} bytes | {size} |"
    yield f"| clips, C | 3600 H / {CLIP_SECONDS:.0f} s | {clips:.1e} |"
    yield f"| index of the files | {ROW_BYTES} C bytes | {clips * ROW_BYTES / 1e9:.2f} GB |"
    objects = f"| 2 C / {SHARD_CLIPS} | {2 * clips / SHARD_CLIPS:.0f} |"
    yield f"| objects: shards of {SHARD_CLIPS} clips, each with an index {objects}"
    mean = f"{shard_hours * 60:.1f} minutes, {shard_hours / 2 * GPUS_OF_NODE:.2f} GPU hours"
    yield f"| a shard takes; a node of {GPUS_OF_NODE} GPUs that is lost costs | half a shard of each GPU | {mean} |"


def training() -> Iterator[str]:
    """The table of training."""
    tokens = STEPS * BATCH * CROP_SECONDS * FRAMES
    flops = 6 * WEIGHTS * tokens
    hours = flops / (TRAINING_GPUS * FLOPS * USED) / 3600
    read = BATCH * CROP_SECONDS * FRAMES * CHANNELS * BYTES * STEPS / (3600 * hours)
    checkpoint = 16 * WEIGHTS
    lost = TRAINING_GPUS * (CHECKPOINT_MINUTES / 2 + RESTART_MINUTES) / 60
    yield "| training | formula | value |"
    yield "|---|---|---|"
    yield f"| weights, N | | {WEIGHTS:.0e} |"
    yield f"| latent frames, T | {STEPS} steps x {BATCH} x {CROP_SECONDS:g} s x {FRAMES:g} | {tokens:.1e} |"
    yield f"| operations | 6 N T | {flops:.1e} |"
    formula = f"6 N T / (3600 x {FLOPS * USED:.1e})"
    yield f"| GPU hours at {USED:.0%} (assumed) of {FLOPS:.2e} a second | {formula} | {hours * TRAINING_GPUS:.0f} |"
    yield f"| hours on {TRAINING_GPUS} GPUs | | {hours:.0f} |"
    yield f"| read, as latents | T x {CHANNELS} x {BYTES} bytes / time | {read / 1e6:.1f} MB/s |"
    yield f"| checkpoint: weights, mean of them, two moments in float32 | 16 N | {checkpoint / 1e9:.0f} GB |"
    formula = f"{TRAINING_GPUS} x ({CHECKPOINT_MINUTES:g} / 2 + {RESTART_MINUTES:g}) minutes"
    yield f"| a node lost an hour costs | {formula} | {lost:.1f} GPU hours, {lost / TRAINING_GPUS:.0%} |"


def tables() -> str:
    """All tables, as they stand in the page."""
    parts = ("\n".join(table()) for table in (encoding, training, simulated))
    return "\n\n".join(parts)


def page_with(text: str, made: str) -> str:
    """The page with these tables."""
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{made}\n\n{END}", text, flags=re.S)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/scale.md")
    arguments = parser.parse_args()
    made = tables()
    print(made)
    if arguments.write:
        PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
