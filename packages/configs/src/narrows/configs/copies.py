"""Copies of what is in a storage, in the user's cache: a version of an object is fetched once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from narrows.configs.storage import Storage, StorageError, Stored, address_of

THREADS = 8
"""Objects that are fetched at once."""


def local_copy(path: str | Path, storage: Storage | None = None) -> Path:
    """The file or folder of an address, copied into the user's cache; a path as it is.

    An object of another version is copied again, the others are not; one that is gone from the storage is an error,
    cached or not. Several processes may copy the same: they begin at different places and share what is there.

    Raises:
        StorageError: there is nothing, or it cannot be read.
    """
    address = address_of(path)
    if address is None:
        return Path(path)
    storage = storage or Storage()
    address = address.rstrip("/")
    parts = storage.below(address)
    if not parts:
        raise StorageError(f"{address}: there is no object, and none below it")
    goal = cache_folder() / "objects" / _version(parts) / address.rpartition("/")[2]
    targets = {
        place: goal if place.address == address else inside(goal, place.address.removeprefix(f"{address}/"))
        for place in parts
    }
    missing = [place for place, target in targets.items() if not target.exists()]
    random.Random(os.getpid()).shuffle(missing)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda place: _keep(storage, place, targets[place]), missing))
    return goal


def cache_folder() -> Path:
    """Where copies of what is elsewhere are kept: in `$NARROWS_CACHE`, or else the user's cache folder."""
    base = os.environ.get("NARROWS_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "narrows"


def inside(folder: Path, name: str) -> Path:
    """The file of a name, which comes from a storage and must not lead out of the folder."""
    if name.startswith("/") or ".." in name.split("/"):
        raise StorageError(f"{name!r} is no name of an object below a folder")
    return folder / name


def _keep(storage: Storage, place: Stored, target: Path) -> None:
    """A version of an object is one file, which every copy of a folder that has it links to."""
    kept = cache_folder() / "objects" / "versions" / _version([place])
    if target.exists():
        return  # Another process was faster.
    if not kept.exists():
        storage.download(place, kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        target.hardlink_to(kept)


def _version(parts: Iterable[Stored]) -> str:
    return sha256(repr(list(parts)).encode()).hexdigest()[:32]
