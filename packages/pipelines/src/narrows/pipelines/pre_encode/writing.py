"""The encoding stage: the clips of a shard through the model and into its files, which appear whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, final
from uuid import uuid4

from narrows.configs import PreEncodeExperimentConfig
from narrows.configs.files import atomic_file
from narrows.configs.mirror import Mirror
from narrows.data.faults import Fault
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.pre_encode.clips import Shard
from narrows.pipelines.pre_encode.encoding import ClipEncoder
from narrows.pipelines.pre_encode.loading import Decoded, LeftOut
from narrows.pipelines.pre_encode.manifest import index_name
from narrows.pipelines.pre_encode.reading import Block, Opening
from narrows.pipelines.pre_encode.statistics import Statistics
from narrows.pipelines.pre_encode.storing import put_shard
from narrows.pipelines.pre_encode.writers import Add, shard_writer


class ShardDone(NamedTuple):
    """What became of a shard."""

    shard: Shard
    keys: list[str]
    """Of its samples."""
    bad: list[Fault]


@final
class ShardEncoder:
    """Encodes and writes shards.

    Args:
        encoder: of clips.
        options: of the run.
        folder: where shards go.
        kind: what the encoder computes with.
        address: of a folder in a storage, where this worker puts its shards; None leaves them in `folder`.
    """

    def __init__(
        self,
        encoder: ClipEncoder,
        options: PreEncodeExperimentConfig,
        folder: Path,
        kind: Kind,
        address: str | None = None,
    ) -> None:
        self._encoder, self._options, self._folder, self.kind = encoder, options, folder, kind
        self._address = address

    def work(self, unit: Shard, blocks: Iterator[Block], attempt: Attempt) -> ShardDone | None:
        """Encode a shard and write it, the index last: it says that the shard is whole."""
        opening = next(blocks)
        assert isinstance(opening, Opening)
        attempt.opened(opening.clips)
        attempt.advance(len(opening.faults) + opening.left_out, 0.0)
        filled = _Filled(opening.left_out, [], list(opening.faults), [], Statistics())
        with self._place() as folder, _staging(folder, unit) as staging:
            name, options = self._encoder.kept, self._options
            with (
                threads_of(self.kind.threads),
                shard_writer(staging, unit.stem, options.layout, options.tensor_format, name) as add,
            ):
                for block in blocks:
                    if not attempt.wanted():
                        return None
                    assert isinstance(block, list)
                    self._encode(block, add, filled, attempt)
            return self._commit(unit, staging, folder, filled, attempt)

    def _place(self) -> AbstractContextManager[Path]:
        """Where shards are put together; a storage gets them from a folder of their own."""
        if self._address is None:
            return nullcontext(self._folder)
        return _temporary()

    def _encode(self, block: list[Decoded | Fault | LeftOut], add: Add, filled: _Filled, attempt: Attempt) -> None:
        good = [item for item in block if isinstance(item, Decoded)]
        filled.bad.extend(item for item in block if isinstance(item, Fault))
        filled.rejected.extend(item for item in block if isinstance(item, LeftOut))
        if attempt.careful:
            for item in good:  # Alone first: who dies of it is known then.
                attempt.holds([item.name])
                list(self._encoder([item]))
        attempt.holds([item.name for item in good])
        for clip in self._encoder(good):
            entry = add(clip.key, clip.tensor, clip.metadata)
            filled.samples.append(entry | {"relpath": clip.metadata["relpath"], "frames": clip.tensor.shape[-1]})
            if clip.latents is not None:
                filled.statistics.add(clip.latents)
        seconds = sum(item.audio.shape[-1] for item in good) / self._encoder.model.sample_rate
        attempt.advance(len(block), seconds)

    def _commit(self, shard: Shard, staging: Path, folder: Path, filled: _Filled, attempt: Attempt) -> ShardDone | None:
        """Put the files where they belong, unless another try at the shard has."""
        with atomic_file(staging / index_name(shard)) as temporary:
            temporary.write_text(json.dumps(filled.to_json(shard)) + "\n", encoding="utf-8")
        if not attempt.may_commit():
            return None
        for path in sorted(staging.iterdir(), key=lambda path: path.name == index_name(shard)):
            target = folder / path.name
            if target.is_dir():  # of a process that was killed before it wrote the index
                shutil.rmtree(target)
            path.replace(target)
        _sync(folder)
        if self._address is not None:
            put_shard(Mirror(self._address, folder), shard.stem)
        return ShardDone(shard, [entry["key"] for entry in filled.samples], filled.bad)


@contextmanager
def _staging(folder: Path, shard: Shard) -> Iterator[Path]:
    """A hidden folder for a shard that is not whole."""
    staging = folder / f".{shard.stem}.{uuid4().hex}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="narrows-") as folder:
        yield Path(folder)


class _Filled(NamedTuple):
    """A shard while it is filled."""

    left_out: int
    samples: list[dict[str, Any]]
    bad: list[Fault]
    rejected: list[LeftOut]
    statistics: Statistics

    def to_json(self, shard: Shard) -> dict[str, Any]:
        """What its index says."""
        return {
            "shard": shard.stem,
            "samples": self.samples,
            "bad": [fault._asdict() for fault in sorted(self.bad)],
            "rejected": [item._asdict() for item in sorted(self.rejected)],
            "left_out": self.left_out,
            "statistics": self.statistics.to_json(),
        }


def remove_leftovers(folder: Path, shard: Shard) -> None:
    """Remove the parts of a shard that a process left when it was killed."""
    for path in folder.glob(f".{shard.stem}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
