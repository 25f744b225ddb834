"""Where commands put the files they make: a folder on this machine, or one in a storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, final

from narrows.cli.main import UserError
from narrows.configs import NarrowsError
from narrows.configs.storage import Storage, address_of


class Output(Protocol):
    """A folder that files are made in."""

    @property
    def folder(self) -> Path:
        """Where they are made, on this machine."""
        ...

    @property
    def address(self) -> str | None:
        """Of the folder; None where it is on this machine."""
        ...

    def shown(self, file: Path) -> str:
        """What a file is called once it is put."""
        ...

    def has(self, file: Path) -> bool:
        """Whether there is such a file."""
        ...

    def put(self, file: Path) -> None:
        """Put a finished file."""
        ...


@final
class FolderOutput:
    """A folder on this machine, in which files are as soon as they are made."""

    address = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shown(self, file: Path) -> str:
        """Its path."""
        return str(file)

    def has(self, file: Path) -> bool:
        """Whether it exists."""
        return file.exists()

    def put(self, file: Path) -> None:
        """It is there."""


@final
class StoredOutput:
    """A folder in a storage.

    Args:
        address: of it.
        folder: where files are made.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder, self._storage = address.rstrip("/"), folder, Storage()
        self._before = {place.address for place in self._storage.find(self.address)}

    def shown(self, file: Path) -> str:
        """Its address."""
        return f"{self.address}/{file.relative_to(self.folder).as_posix()}"

    def has(self, file: Path) -> bool:
        """Whether it was there when the command began."""
        return self.shown(file) in self._before

    def put(self, file: Path) -> None:
        """Put it whole, and remove it here."""
        self._storage.put(file, self.shown(file))
        file.unlink()


@contextmanager
def output_at(place: Path) -> Iterator[Output]:
    """The folder that a command was given as OUT.

    Raises:
        StorageError: it is an address that cannot be listed.
        UserError: for any other error that names the folder where files are made, which the user never named.
    """
    address = address_of(place)
    if address is None:
        yield FolderOutput(place)
        return
    with TemporaryDirectory(prefix="narrows-") as folder:
        try:
            yield StoredOutput(address, Path(folder))
        except NarrowsError as error:
            if folder not in str(error):
                raise
            raise UserError(str(error).replace(folder, address.rstrip("/"))) from error
