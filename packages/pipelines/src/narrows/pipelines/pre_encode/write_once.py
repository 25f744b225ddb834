"""Files that several processes want to write: the first one wins, and all go by what it wrote."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def publish(path: Path, text: str) -> None:
    """Write a file unless there is one; it appears whole or not at all."""
    if not path.exists():
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Linking fails where renaming would replace; the source may be gone once another process has published.
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            Path(name).chmod(0o644)
            path.hardlink_to(name)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove what killed processes left of a file that is there now."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        leftover.unlink(missing_ok=True)
