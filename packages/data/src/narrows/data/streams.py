"""Streams of samples from shards, side by side, in an order that does not depend on the number of workers.

A process reads a fixed number of streams. Each goes through shards of its own, mixes samples in a buffer and makes
batches; batches are handed out in turn, one of each stream. A worker serves several streams, and as their number is a
multiple of the workers', the turns come out the same for every number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from narrows.data.drawing import Batch, Draw, Info, collate
from narrows.data.errors import AudioFileError, DataError, listing
from narrows.data.faults import Fault, Faults, Rejected, fault_of
from narrows.data.loader import unpack
from narrows.data.order import generator
from narrows.data.samples import grouped, leftovers_text
from narrows.data.shards import members
from narrows.data.stream_layout import StreamLayout
from narrows.data.transfer import packed, received, told, worker_count_is_meant

MAX_SKIPPED = 1000
"""Samples and shards of a stream that are skipped in a row before it gives up."""


class Shard(NamedTuple):
    """A shard and the data set it belongs to."""

    url: str
    dataset: int
    open: Callable[[], IO[bytes]]
    size: int | None = None
    """Bytes, where a listing told them."""


class Decode(Protocol):
    """From the parts of a sample to what training gets."""

    def __call__(self, parts: dict[str, Any], dataset: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """Decode a sample of a data set."""
        ...


@dataclass(frozen=True)
class StreamOptions:
    """How streams read.

    Attributes:
        streams: of one process.
        update_size: samples of an update of all processes; None where that does not matter.
        resampled: go on for ever, through one permutation of all shards after the other; otherwise once.
        steps: batches of an epoch of a resampled process.
        buffer: samples that are mixed.
    """

    batch_size: int
    streams: int
    resampled: bool
    steps: int
    buffer: int
    drop_last: bool
    shuffle: bool
    seed: int
    rank: int = 0
    world_size: int = 1
    update_size: int | None = None

    @property
    def batches_per_update(self) -> int:
        """Batches of a process that add up to an update; 1 where that was not asked for."""
        return 1 if self.update_size is None else self.update_size // (self.batch_size * self.world_size)

    def of(self, layout: StreamLayout) -> StreamOptions:
        """Those of this process in a layout."""
        streams, steps = layout.of(self.world_size)
        return replace(self, streams=streams, steps=steps, batch_size=layout.batch_size)


class Ended(NamedTuple):
    """Takes the turn of a stream that has ended, and brings its last faults."""

    faults: list[Fault]
    rejected: int


class ShardStreams(IterableDataset[Batch | Ended]):
    """All streams of a process, or those of one worker."""

    def __init__(self, shards: Sequence[Shard], decode: Decode, options: StreamOptions) -> None:
        self._shards, self._decode, self._options = list(shards), decode, options
        # In shared memory: workers that outlive an epoch learn of the next one here.
        self.epoch = torch.zeros(1, dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    def __iter__(self) -> Iterator[Batch | Ended]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        epoch = int(self.epoch)
        streams = [self.batches(number, epoch) for number in range(first, self._options.streams, step)]
        going = [True] * len(streams)
        while any(going):
            turn: list[Batch | Ended] = []
            for i, stream in enumerate(streams):
                with told():
                    batch = next(stream, None) if going[i] else None
                going[i] = batch is not None and not isinstance(batch, Ended)
                turn.append(batch if batch is not None else Ended([], 0))
            yield from map(packed, turn)

    def batches(self, number: int, epoch: int) -> Iterator[Batch | Ended]:
        """The batches of one stream."""
        options = self._options
        limit = len(range(number, options.steps, options.streams)) if options.resampled else None
        given, draws = 0, []
        faults: list[Fault] = []
        rejected = 0
        for draw in self._draws(number, epoch):
            if draw.info:
                draws.append(draw)
            else:
                faults, rejected = faults + draw.faults, rejected + draw.rejected
            if len(draws) == options.batch_size and (limit is None or given < limit):
                batch = collate(draws)
                yield batch._replace(faults=faults, rejected=rejected)
                given, draws, faults, rejected = given + 1, [], [], 0
            if given == limit:
                return
        if draws and not options.drop_last:
            yield collate(draws)
        yield Ended(faults, rejected)

    def _draws(self, number: int, epoch: int) -> Iterator[Draw]:
        """Samples of one stream; one without metadata stands for something that was skipped."""
        place = number * self._options.world_size + self._options.rank  # shards are dealt to processes in turn
        in_a_row: list[Fault] = []
        skipped = 0
        for count, parts in enumerate(self._mixed(place, epoch)):
            if isinstance(parts, Fault) and not parts.bad:
                yield Draw(torch.zeros(0, 0), {}, [parts], 0)
                continue
            try:
                if isinstance(parts, Fault):
                    raise AudioFileError(parts.path, parts.reason)
                rng = generator(self._options.seed, "stream sample", epoch, place, count)
                audio, info = self._decode(parts, parts["__dataset__"], rng)
            except AudioFileError as error:
                in_a_row.append(fault_of(error))
                draw = Draw(torch.zeros(0, 0), {}, in_a_row[-1:], 0)
            except Rejected:
                draw = Draw(torch.zeros(0, 0), {}, [], 1)
            else:
                draw, skipped, in_a_row = Draw(audio, info, [], 0), -1, []
            skipped += 1
            if skipped > MAX_SKIPPED:
                last = {fault.path: fault.reason for fault in in_a_row}
                raise DataError(f"{skipped} samples in a row were skipped:\n{listing(last)}")
            yield draw

    def _mixed(self, place: int, epoch: int) -> Iterator[dict[str, Any] | Fault]:
        """Samples of a stream through a buffer from which they are drawn at random."""
        if not self._options.shuffle or self._options.buffer <= 1:
            yield from self._samples(place, epoch)
            return
        rng = generator(self._options.seed, "buffer", epoch, place)
        buffer: list[dict[str, Any] | Fault] = []
        for sample in self._samples(place, epoch):
            if len(buffer) < self._options.buffer:
                buffer.append(sample)
                continue
            i = int(rng.integers(len(buffer)))
            yield buffer[i]
            buffer[i] = sample
        for i in rng.permutation(len(buffer)).tolist():
            yield buffer[i]

    def _samples(self, place: int, epoch: int) -> Iterator[dict[str, Any] | Fault]:
        """Samples of the stream's shards, undecoded; a fault takes the place of what cannot be read of a shard."""
        for shard in self._shards_of(place, epoch):
            try:
                with shard.open() as stream:
                    empty = True
                    links: list[Fault] = []
                    left: list[str] = []
                    inside = members(stream, shard.url, partial(_note, links, shard.url))
                    for key, parts in grouped(inside, left.append):
                        empty = False
                        yield {**parts, "__key__": key, "__url__": shard.url, "__dataset__": shard.dataset}
                    yield from links
                    if left:
                        yield Fault(shard.url, leftovers_text(left), bad=False)
                    if empty:
                        raise AudioFileError(shard.url, "holds no samples")
            except AudioFileError as error:
                yield fault_of(error)
            except (OSError, ValueError) as error:
                yield Fault(shard.url, " ".join(str(error.args[0] if error.args else error).split()))

    def _shards_of(self, place: int, epoch: int) -> Iterator[Shard]:
        total = self._options.streams * self._options.world_size
        turn, permutation = -1, np.zeros(0, np.int64)
        number = place
        while self._options.resampled or number < len(self._shards):
            if number // len(self._shards) != turn:
                turn = number // len(self._shards)
                permutation = np.arange(len(self._shards))
                if self._options.shuffle:
                    generator(self._options.seed, "shards", epoch, turn).shuffle(permutation)
            yield self._shards[int(permutation[number % len(self._shards)])]
            number += total


def _note(faults: list[Fault], shard: str, member: str, reason: str) -> None:
    """Remember a member that was left out."""
    faults.append(Fault(f"{shard}#{member}", reason))


class StreamLoader:
    """Batches `(audio, metadata)` of shards that are read from front to back.

    Like `Loader`, it goes on with the rest of the current epoch, and `load_state_dict` takes it to any batch; to get
    there it reads what comes before.

    Args:
        read: makes the streams of this process.
        options: how they read.
        faults: where bad samples are counted.
        num_workers: processes that read; 0 reads in this one.
        multiprocessing_context: how they start; None takes the system's way.
        layout: of the streams of all processes, where updates are to be the same for several numbers of these.

    Attributes:
        rejected: samples that were fine but not wanted.
    """

    def __init__(
        self,
        read: Callable[[StreamOptions], ShardStreams],
        options: StreamOptions,
        faults: Faults,
        num_workers: int = 0,
        multiprocessing_context: str | None = None,
        layout: StreamLayout | None = None,
    ) -> None:
        self.rejected = 0
        self._read, self._options, self._faults, self._layout = read, options, faults, layout
        self._workers, self._context = num_workers, multiprocessing_context
        self._epoch = self._batch = 0
        self._arrange()

    def _arrange(self) -> None:
        """Streams and workers, as the layout says."""
        if self._layout is not None:
            self._layout.check(self._options.world_size)
            self._options = self._options.of(self._layout)
        streams = self._options.streams
        self._streams = self._read(self._options)
        workers = max((n for n in range(1, self._workers + 1) if streams % n == 0), default=0)
        with worker_count_is_meant():
            self._loader: DataLoader[Any] = DataLoader(
                self._streams,
                batch_size=None,
                num_workers=workers,
                persistent_workers=workers > 0,
                pin_memory=torch.cuda.is_available(),
                multiprocessing_context=self._context if workers else None,
                generator=torch.Generator(),
            )

    @property
    def skipped(self) -> dict[str, str]:
        """Bad shards and samples found so far, with reasons."""
        return self._faults.skipped

    @property
    def batch_size(self) -> int:
        """Samples of a batch."""
        return self._options.batch_size

    @property
    def batches_per_update(self) -> int:
        """Batches of this process that add up to an update; 1 where that was not asked for."""
        return self._options.batches_per_update

    def __len__(self) -> int:
        """Batches of a whole epoch.

        Raises:
            TypeError: shards are read once, so that nobody knows before the end.
        """
        if not self._options.resampled:
            raise TypeError("shards that are read once have no known number of batches")
        return self._options.steps

    def __iter__(self) -> Iterator[tuple[Tensor, list[Info]]]:
        self._streams.epoch.fill_(self._epoch)
        number = 0
        for turn in received(self._loader):
            self.rejected += turn.rejected
            for fault in turn.faults:
                self._faults.add(fault)
            if isinstance(turn, Ended):
                continue
            number += 1
            if number > self._batch:
                self._batch = number
                yield unpack(turn, self._faults)
            if turn.faults:
                self._faults.check()
        if not number:
            raise DataError(f"The shards hold no sample that can be used\n{listing(self.skipped)}")
        self._epoch, self._batch = self._epoch + 1, 0

    def state_dict(self) -> dict[str, int]:
        """Where the loader stands; with a layout, in batches of all processes."""
        if self._options.update_size is None:
            return {"epoch": self._epoch, "batch": self._batch}
        if self._layout is None:
            return {"epoch": self._epoch, "batch": self._batch, "processes": self._options.world_size}
        return {"epoch": self._epoch, "batch": self._batch * self._options.world_size, **self._layout.state_dict()}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from there; takes effect when the next iteration begins.

        Raises:
            DataError: this number of processes cannot go on from there; it says which ones can.
        """
        if state.get("processes", self._options.world_size) != self._options.world_size:
            raise DataError(
                "Shards that are read once (resampled_shards: false) are shared by the processes that a run started "
                f"with: start {state['processes']} processes, or set resampled_shards to true in a new run"
            )
        self._epoch, self._batch = int(state["epoch"]), int(state["batch"])
        if self._layout is not None and "streams" in state:
            self._batch //= self._options.world_size
            before, self._layout = self._layout, self._layout.restored(state)
            if self._layout != before:
                self._arrange()
