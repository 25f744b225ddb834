"""Errors of data sets; those of single files are in `narrows.audio.errors`."""

from __future__ import annotations

from pathlib import Path

from narrows.audio.errors import AudioFileError, DataError, listing, shown, system_reason
from narrows.configs.storage import address_of

__all__ = ["AudioFileError", "DataError", "existing_folder", "listing", "shown", "system_reason"]


def folder_of(path: str | Path, what: str) -> tuple[Path, str | None]:
    """The folder that a data set names, and the file in it where the set is a single file."""
    place = Path(path).expanduser()
    if place.is_file():
        return place.parent, place.name
    return existing_folder(place, what), None


def existing_folder(path: str | Path, what: str) -> Path:
    """The folder, or an error that says whose it was to be."""
    address = address_of(path)
    if address is not None:
        raise DataError(
            f"{what}: {address} is an address, and this type reads folders. Shards in a storage are read with "
            "`dataset_type: wds` (with `pre_encoded: true` where they hold latents), Parquet files with `parquet`"
        )
    folder = Path(path).expanduser()
    if not folder.exists():
        raise DataError(f"{what}: the folder {shown(folder)} does not exist (working folder: {shown(Path.cwd())})")
    if not folder.is_dir():
        raise DataError(f"{what}: {shown(folder)} is not a folder")
    return folder
