"""Errors of data sets; those of single files are in `narrows.audio.errors`."""

from __future__ import annotations

from pathlib import Path

from narrows.audio.errors import AudioFileError, DataError, listing, shown, system_reason
from narrows.configs.copies import local_copy
from narrows.configs.storage import address_of, explained

__all__ = [
    "AudioFileError",
    "DataError",
    "existing_folder",
    "folder_here",
    "folder_of",
    "listing",
    "shown",
    "system_reason",
]


def folder_of(path: str | Path, what: str) -> tuple[Path, str | None]:
    """The folder that a data set names, and the file in it where the set is a single file.

    What an address names is copied into the user's cache first, as far as it is not there yet.
    """
    place = _here(path, what)
    if place.is_file():
        return place.parent, place.name
    return existing_folder(place, what), None


def existing_folder(path: str | Path, what: str) -> Path:
    """The folder, a copy where it is an address, or an error that says whose it was to be."""
    folder = _here(path, what)
    if not folder.exists():
        raise DataError(f"{what}: the folder {shown(folder)} does not exist (working folder: {shown(Path.cwd())})")
    if not folder.is_dir():
        raise DataError(f"{what}: {shown(folder)} is not a folder")
    return folder


def folder_here(path: str | Path, what: str) -> Path:
    """The folder, which may be no address.

    Raises:
        DataError: it is one, or there is no such folder.
    """
    address = address_of(path)
    if address is not None:
        raise DataError(
            f"{what}: {address} is an address, and an index lists files of a folder on this machine. Leave the index "
            "out, or pack the folder into shards (`narrows data pack`), which `dataset_type: wds` reads from there"
        )
    return existing_folder(path, what)


def _here(path: str | Path, what: str) -> Path:
    with explained(str(path), lambda where, reason: DataError(f"{what}: {where}: {reason}")):
        return local_copy(path).expanduser()
