"""Where shards are packed to: a folder that appears at the end, or a storage that gets one shard after the other."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from narrows.configs.storage import Storage, Stored, address_of
from narrows.configs.write_errors import named_when_it_fails
from narrows.data.errors import DataError, shown


class Target(NamedTuple):
    """Where shards are written."""

    folder: Path
    """On this machine."""
    finished: Callable[[Path], object]
    """To be called with each shard that is whole."""


@contextmanager
def shard_target(target: str | PathLike[str]) -> Iterator[Target]:
    """What shards are packed to.

    A folder appears when the block ends well, or not at all. Of a storage each shard is whole or not there; packing the
    same again goes on, as a shard that is there with the same bytes is left alone.

    Args:
        target: folder that does not exist or is empty, or an address below which nothing else is.

    Raises:
        DataError: the target is in use.
    """
    address = address_of(target)
    if address is None:
        with _folder(Path(target)) as folder:
            yield Target(folder, lambda shard: None)
        return
    goal = _Stored(address.rstrip("/"))
    with tempfile.TemporaryDirectory(prefix="narrows-") as temporary:
        yield Target(Path(temporary), goal.put)
    goal.check()


@contextmanager
def _folder(goal: Path) -> Iterator[Path]:
    if goal.exists() and (not goal.is_dir() or any(goal.iterdir())):
        raise DataError(f"{shown(goal)} exists; name a new folder")
    with named_when_it_fails(goal):
        goal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{goal.name}.", suffix=".tmp", dir=goal.parent) as temporary:
            place = Path(temporary) / "shards"
            yield place
            if goal.exists():
                goal.rmdir()
            shutil.move(place, goal)


class _Stored:
    """Shards of this packing in a storage, and what was there before."""

    def __init__(self, address: str) -> None:
        self._address, self._storage = address, Storage()
        found = [place for place in self._storage.below(address) if place.address != address]
        self._before = {place.address.removeprefix(f"{address}/"): place for place in found}

    def put(self, shard: Path) -> None:
        """Put a shard, and remove it here."""
        before = self._before.pop(shard.name, None)
        if before is None:
            self._storage.put(shard, f"{self._address}/{shard.name}")
        elif before.size != shard.stat().st_size or self._digest(before) != _digest(shard):
            raise DataError(f"{before.address} is there with other content; name a new folder")
        shard.unlink()

    def check(self) -> None:
        """Refuse what no packing of these files has put."""
        if self._before:
            raise DataError(
                f"Everything was packed, but {next(iter(self._before.values())).address} was there before and is no "
                "part of it: remove it, or name a new folder"
            )

    def _digest(self, place: Stored) -> str:
        content: Any = self._storage.open(place)
        with content:
            return hashlib.file_digest(content, "sha256").hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
