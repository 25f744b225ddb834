"""Whether processes and threads still do something, as the system tells."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def position(thread: int) -> list[tuple[int, int]]:
    """Where a thread is: the calls that it is in, and the instruction of each."""
    frame, found = sys._current_frames().get(thread), []
    while frame is not None:
        found.append((id(frame), frame.f_lasti))
        frame = frame.f_back
    return found


def process_names() -> str:
    """What process numbers are valid in: containers of one machine may share its name, but not these."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    """Whether a process of this machine runs: it exists, and is not dead with nobody having asked for its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        pass
    if Path("/proc/self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
