"""Names of temporary files and folders, which tell whether the process that made them still runs.

A process that is killed leaves its temporaries; the next that writes there removes them. It must not take those of a
process that is still writing, on this machine or on another that shares the folder.
"""

from __future__ import annotations

import os
import platform
import re
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

ENDING = re.compile(r"\.(?P<machine>[0-9a-f]{8})_(?P<process>\d+)_[0-9a-f]{8}\.tmp")
UNTOUCHED = 3600.0
"""Seconds without a change after which a temporary of another machine counts as left behind."""


def temporary_name(start: str) -> str:
    """A name that no other process or thread, on any machine, draws."""
    # The number of the process alone is not enough: machines that share a folder have the same, threads have one.
    return f"{start}.{_machine()}_{os.getpid()}_{token_hex(4)}.tmp"


def abandoned(path: Path) -> bool:
    """Whether nobody writes a temporary any more: its process has ended, or nothing in it changed for an hour."""
    made = ENDING.search(path.name)
    if made and made["machine"] == _machine():
        return not _runs(int(made["process"]))
    try:
        newest = max(entry.stat().st_mtime for entry in (path, *path.glob("*")))
    except OSError:  # it is renamed or removed just now
        return False
    return time.time() - newest > UNTOUCHED


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    return True


@cache
def _machine() -> str:
    """This machine, or this container of it: numbers of processes mean something within it only."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]
