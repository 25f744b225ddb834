"""Pre-encoding into a storage: shards are put whole, and an index says of each that it is there."""

from __future__ import annotations

import shutil
from pathlib import Path

from narrows.configs.mirror import Mirror
from narrows.configs.storage import StorageError

MANIFEST = "manifest.json"
REPLACED = ("plan.json", "set_aside.json")
"""What a run may write again: the kind of its workers once all shards are there, and clips that are left out."""


def is_small(name: str) -> bool:
    """Whether an object is about the run rather than content: only those are fetched to go on."""
    return "/" not in name and name.endswith((".json", ".jsonl"))


class ShardStore:
    """Puts the shards of a run into a storage, and removes them here.

    Args:
        mirror: of the run's folder.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._agreed = False
        self._replaced = self._read_replaced()

    def put_shard(self, stem: str) -> None:
        """Put a shard: its content, then its index, which one of several writers puts.

        Raises:
            StorageError: it cannot be put, or another process put another one.
        """
        self.agree()
        put_shard(self._mirror, stem)

    def refresh(self) -> None:
        """Fetch what other processes have put meanwhile."""
        self._mirror.fetch(lambda name: is_small(name) and not (self._mirror.folder / name).exists())

    def finish(self) -> None:
        """Put what sums up the run."""
        self.agree()
        if (self._mirror.folder / MANIFEST).exists():
            self._mirror.put(MANIFEST)

    @property
    def address(self) -> str:
        """Of the run's folder."""
        return self._mirror.address

    def agree(self) -> None:
        """Put what all processes agree on, before any shard: of several that begin at once, one wins.

        Raises:
            StorageError: another one did; the command must start again.
        """
        self._put_agreed()
        self._put_replaced()

    def _put_agreed(self) -> None:
        if self._agreed:
            return
        for path in sorted(self._mirror.folder.iterdir()):
            fetched = path.name in self._replaced
            if is_agreed(path) and not fetched and not self._mirror.put_first(path.name):
                raise StorageError(
                    f"{self._mirror.address}/{path.name}: another process began at the same moment with other content. "
                    "Run the command again: it goes on with what is there"
                )
        self._agreed = True
        self._replaced = self._read_replaced() | self._replaced

    def _put_replaced(self) -> None:
        """Put what this run has written again."""
        now = self._read_replaced()
        for name in (name for name, content in now.items() if self._replaced.get(name) != content):
            self._mirror.put(name)
        self._replaced = now

    def _read_replaced(self) -> dict[str, bytes]:
        paths = (self._mirror.folder / name for name in REPLACED)
        return {path.name: path.read_bytes() for path in paths if path.exists()}


def put_shard(mirror: Mirror, stem: str) -> None:
    """Put a shard, its index last, and remove its content here.

    Raises:
        StorageError: it cannot be put, or another process put another one.
    """
    folder = mirror.folder
    content = [path for path in (folder / f"{stem}.tar", folder / stem) if path.exists()]
    files = [file for path in content for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    mirror.put_group([file.relative_to(folder).as_posix() for file in files], f"{stem}.index.json")
    for path in content:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def is_agreed(path: Path) -> bool:
    """Whether a file holds what all processes agree on before they begin."""
    return path.is_file() and is_small(path.name) and path.name != MANIFEST and not path.name.endswith(".index.json")
