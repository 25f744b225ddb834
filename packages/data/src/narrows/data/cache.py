"""Where indices are kept between runs, and how: plain arrays in one file each, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.configs.files import atomic_file

VERSION = 1
"""Part of every key: a change of what is stored leaves old files alone."""


def cache_file(kind: str, *parts: object) -> Path:
    """File of a cached index: in `$NARROWS_CACHE`, or else the user's cache folder."""
    base = os.environ.get("NARROWS_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    key = hashlib.sha256(repr((VERSION, kind, *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Path(base) / "narrows" / kind / f"{key}.npz"


def load_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of a file; None when it is missing or damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays; a cache that cannot be written is no reason to stop."""
    with suppress(OSError), atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **dict(arrays))  # type: ignore[arg-type]
