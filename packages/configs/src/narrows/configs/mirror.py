"""A folder of a storage, worked on in a folder here: fetched when work starts, and put back object by object.

The storage tells what is done. What is here may vanish at any time; then the next run fetches what was put.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock

from narrows.configs.copies import inside
from narrows.configs.storage import Storage, StorageError, address_of

Wanted = Callable[[str], bool]


class Mirror:
    """The two folders.

    Args:
        address: of the folder in the storage.
        folder: the one here.
        storage: how it is reached; None takes the usual credentials.
    """

    def __init__(self, address: str, folder: Path, storage: Storage | None = None) -> None:
        self.address, self.folder = address.rstrip("/"), folder
        self.storage = storage or Storage()
        self._known: dict[str, tuple[int, int]] = {}
        self._ahead: dict[str, tuple[int, int]] = {}
        self._lock = RLock()

    def fetch(self, wanted: Wanted = lambda name: True) -> list[str]:
        """Copy objects here; returns the names of those that are there, copied or not.

        Args:
            wanted: whether to copy the object of a name, relative to the folder.
        """
        names = []
        for place in self.storage.below(self.address):
            name = place.address.removeprefix(f"{self.address}/")
            if name == place.address:
                continue  # An object called like the folder.
            names.append(name)
            if wanted(name):
                self.storage.download(place, inside(self.folder, name))
        self._known = self._files()
        return names

    def put(self, name: str) -> None:
        """Put a file, whole, in place of the object that may be there."""
        self.storage.put(self.folder / name, f"{self.address}/{name}")

    def put_as(self, file: Path, name: str) -> None:
        """Put a file under the name that it, or its folder, will have; `put_changed` does not put it again then."""
        self.storage.put(file, f"{self.address}/{name}")
        status = file.stat()
        self._ahead[name] = status.st_size, status.st_mtime_ns

    def remove_folder(self, name: str, first: str) -> None:
        """Remove all objects of a folder, whoever put them; `first` before all others, as they mean nothing without."""
        folder = f"{self.address}/{name}"
        below = [place.address for place in self.storage.below(folder) if place.address != folder]
        for place in sorted(below, key=lambda place: not place.endswith(f"/{first}")):
            self.storage.remove(place)
            self._known.pop(place.removeprefix(f"{self.address}/"), None)

    def put_changed(self) -> None:
        """Put every file that is new or changed since it was fetched or put, and remove objects whose file is gone.

        Hidden files stay here: locks, and what is not finished. Threads may call it; files may vanish meanwhile.
        """
        with self._lock:
            now = self._files()
            known = self._known | {name: self._ahead.pop(name) for name in now.keys() & self._ahead.keys()}
            for name in sorted(now):
                if known.get(name) != now[name]:
                    self._put_present(name, now)
            for name in known.keys() - now.keys():
                self.storage.remove(f"{self.address}/{name}")
            self._known = now

    def _put_present(self, name: str, files: dict[str, tuple[int, int]]) -> None:
        """Put a file unless it is gone by now."""
        try:
            self.put(name)
        except StorageError:
            if (self.folder / name).exists():
                raise
            del files[name]

    def _files(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of each file that is not hidden."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        names = {}
        for path in files:
            with suppress(FileNotFoundError):
                names[path.relative_to(self.folder).as_posix()] = path.stat()
        shown = {name: s for name, s in names.items() if not any(part.startswith(".") for part in name.split("/"))}
        return {name: (status.st_size, status.st_mtime_ns) for name, status in shown.items()}

    def put_first(self, name: str) -> bool:
        """Put a small file unless there is such an object; of several writers one wins, and all have what it wrote.

        Returns:
            Whether the object holds what this writer had.
        """
        content = (self.folder / name).read_bytes()
        address = f"{self.address}/{name}"
        return self.storage.put_new(content, address) or self.storage.read(address) == content

    def put_group(self, names: Collection[str], last: str) -> None:
        """Put files that belong together, `last` at the end and only once: without it the others do not count.

        Raises:
            StorageError: another writer has put other content under the same names.
        """
        if not self.storage.exists(f"{self.address}/{last}"):
            for name in sorted(names):
                self.put(name)
        if not self.put_first(last):
            raise StorageError(
                f"{self.address}/{last}: another process wrote other content. Both must run on machines of one kind; "
                "delete the object and those it is about, and run the command again"
            )


@contextmanager
def mirrored(address: str | Path, wanted: Wanted = lambda name: True) -> Iterator[Mirror | None]:
    """The mirror of a folder of a storage, in a temporary folder with what is there already; None for a path.

    Args:
        address: of the folder, or a path.
        wanted: whether to fetch the object of a name.
    """
    found = address_of(address)
    if found is None:
        yield None
        return
    with TemporaryDirectory(prefix="narrows-") as folder:
        mirror = Mirror(found, Path(folder))
        mirror.fetch(wanted)
        yield mirror
