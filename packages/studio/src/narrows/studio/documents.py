"""Documents that the studio keeps: one that cannot be read is named and left where it is, and the others are shown."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger("narrows.studio")


def documents(folder: Path, pattern: str, required: Collection[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The JSON objects below a folder, sorted by name.

    Args:
        folder: of one kind of document.
        pattern: of their names, as `Path.glob` takes it.
        required: keys that each has.
    """
    for path in sorted(folder.glob(pattern)):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is left out: it cannot be read (%s)", path, " ".join(str(error).split()))
            continue
        missing = [key for key in required if not isinstance(document, dict) or key not in document]
        if missing:
            log.warning("%s is left out: it has no %s", path, ", ".join(missing))
            continue
        yield path, document
