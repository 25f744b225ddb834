"""Files that several processes want to write: the first one wins, and all go by what it wrote."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def publish(path: Path, text: str) -> None:
    """Write a file unless there is one; it appears whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        # Linking fails where renaming would replace.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()
