"""Folders of files, on this machine or in a storage: searched by names, and held here while files are read."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, final

from narrows.configs.copies import inside
from narrows.configs.storage import Storage, StorageError, Stored, address_of, explained
from narrows.data.errors import DataError, folder_of
from narrows.data.scan import Listing, Selection, chosen, find_files

THREADS = 8
"""Objects that are fetched at once."""

OnError = Callable[[str, str], object]


class Place(Protocol):
    """A folder whose files are read one after the other, each a few times at most."""

    @property
    def root(self) -> str:
        """Its path or address."""
        ...

    def find(self, selection: Selection, on_error: OnError) -> Listing:
        """The files that fit, see `narrows.data.scan.find_files`."""
        ...

    def holding(self, names: Iterable[str]) -> AbstractContextManager[Path]:
        """A folder on this machine with at least these files, as far as they exist, until the block ends."""
        ...


@final
@dataclass(frozen=True)
class FolderHere:
    """A folder on this machine."""

    path: Path

    @property
    def root(self) -> str:
        """Its path."""
        return str(self.path)

    def find(self, selection: Selection, on_error: OnError) -> Listing:
        """Search it."""
        return find_files(self.path, selection, on_error)

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[Path]:
        """The folder itself."""
        yield self.path


@final
@dataclass(frozen=True)
class FolderThere:
    """A folder in a storage.

    Args:
        root: its address.
        storage: how it is reached.
    """

    root: str
    storage: Storage = field(default_factory=Storage)

    def find(self, selection: Selection, on_error: OnError) -> Listing:
        """List it; times of change of folders are not known."""
        if selection.file is not None:
            return Listing([selection.file])
        if selection.file_list is not None:
            with self.holding([selection.file_list]) as here:
                return find_files(here, selection)
        listing = Listing()
        found = (place.address for place in self.storage.below(self.root) if place.address != self.root)
        names = (address.removeprefix(f"{self.root}/") for address in found)
        listing.names = sorted(chosen(names, selection, listing.others))
        return listing

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[Path]:
        """Copies of these files in a temporary folder of the same name.

        Raises:
            StorageError: one is there and cannot be read.
        """
        with TemporaryDirectory(prefix="narrows-") as temporary:
            folder = Path(temporary) / posixpath.basename(self.root)
            folder.mkdir()
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(lambda name: self._fetch(name, folder), names))
            yield folder

    def _fetch(self, name: str, folder: Path) -> None:
        place = Stored(f"{self.root}/{name}", 0, "")
        try:
            self.storage.download(place, inside(folder, name))
        except StorageError:
            if self.storage.exists(place.address):
                raise


def place_of(path: str | os.PathLike[str], what: str) -> tuple[Place, str | None]:
    """The folder of a path or an address, and the file in it where that names a single file.

    Raises:
        DataError: there is none; `what` says whose it was to be.
    """
    address = address_of(path)
    if address is None:
        folder, file = folder_of(os.fspath(path), what)
        return FolderHere(folder), file
    address, storage = address.rstrip("/"), Storage()
    with explained(address, lambda where, reason: DataError(f"{what}: {where}: {reason}")):
        found = {place.address for place in storage.below(address)}
    if address in found:
        root, _, name = address.rpartition("/")
        return FolderThere(root, storage), name
    if not found:
        raise DataError(f"{what}: {address}: there is no object, and none below it")
    return FolderThere(address, storage), None
