"""Shards and Parquet files in a storage; what fails is told as data sets tell it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, Any

from narrows.configs.storage import Storage, Stored, explained
from narrows.data.errors import AudioFileError, DataError


def find_objects(storage: Storage, address: str, ending: str) -> list[Stored]:
    """All objects below an address whose name has an ending, sorted.

    Raises:
        DataError: they cannot be listed.
    """
    with explained(address, lambda where, reason: DataError(f"{where}: {reason}")):
        return storage.find(address, ending)


@dataclass(frozen=True)
class OpenObject:
    """Opens an object."""

    storage: Storage
    place: Stored

    def __call__(self) -> IO[bytes]:
        """Its content.

        Raises:
            AudioFileError: it cannot be had; or while it is read.
        """
        with explained(self.place.address, AudioFileError):
            return io.BufferedReader(_Told(self.storage.open(self.place), self.place.address))


class _Told(io.RawIOBase):
    """A stream whose failures are those of a file of a data set."""

    def __init__(self, stream: IO[bytes], address: str) -> None:
        super().__init__()
        self._stream, self._address = stream, address

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """As the storage's own stream: Parquet files are read from their end."""
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """The place."""
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        with explained(self._address, AudioFileError):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()
        super().close()
