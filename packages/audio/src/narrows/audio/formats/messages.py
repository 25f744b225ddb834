"""What the C library for MP3 (mpg123, inside libsndfile) prints while it decodes, kept for the file that it is about.

It writes to C's `stderr`, with no name of a file. While one file is decoded that variable leads into memory instead;
the process's file descriptor 2, and with it all that Python and other programs print, stays as it is. One file at a
time is listened to: the variable is the whole process's.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from narrows.audio.errors import shown

log = logging.getLogger("narrows.audio")

_OF_MPG123 = re.compile(r"(Note|Warning): |\[[^\]]*:\d+\] ")
"""How its messages begin; anything else that was printed meanwhile is passed on."""
_UNBUFFERED = 2
_named: set[tuple[str, str]] = set()


class _Memory:
    """A C stream into memory, and the variable `stderr` that can lead to it."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self.variable = ctypes.c_void_p.in_dll(library, "__stderrp" if sys.platform == "darwin" else "stderr")
        self.original = self.variable.value
        library.fdopen.restype = ctypes.c_void_p
        library.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
        self._file: Any = tempfile.TemporaryFile()  # noqa: SIM115  as long as the process lives
        self.stream = library.fdopen(os.dup(self._file.fileno()), b"a")
        library.setvbuf(self.stream, None, _UNBUFFERED, 0)

    def take(self) -> str:
        """What was written since the last time."""
        number = self._file.fileno()
        size = os.fstat(number).st_size
        if not size:
            return ""
        text = os.pread(number, size, 0).decode("utf-8", "replace")
        os.ftruncate(number, 0)
        return text


class _Listener:
    """The memory of this process; it is made when it is first needed, and anew after a fork."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._memory: _Memory | None = None
        self._missing = os.name == "nt"

    def memory(self) -> _Memory | None:
        """None where the C library has no such variable."""
        if self._memory is None and not self._missing:
            try:
                self._memory = _Memory()
            except (OSError, ValueError, AttributeError):
                self._missing = True
        return self._memory

    def forget(self) -> None:
        """In a forked process, which may have been made in the middle of a file, share nothing with its parent."""
        if self._memory is not None:
            self._memory.variable.value = self._memory.original
        self.__init__()  # type: ignore[misc]


_listener = _Listener()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_listener.forget)


@contextmanager
def heard() -> Iterator[list[str]]:
    """While the block decodes one file, keep what mpg123 prints; the list is filled when the block ends."""
    lines: list[str] = []
    with _listener.lock:
        memory = _listener.memory()
        if memory is None:
            yield lines
            return
        memory.variable.value = memory.stream
        try:
            yield lines
        finally:
            memory.variable.value = memory.original
            for line in memory.take().splitlines():
                if _OF_MPG123.match(line):
                    lines.append(line.strip())
                elif line.strip():
                    os.write(2, f"{line}\n".encode())


def name_once(name: str | os.PathLike[str], remark: str) -> None:
    """Name a file that decodes all the same, and what is wrong with it; each only once in a process."""
    key = (os.fspath(name) if not isinstance(name, str) else name, remark.partition(":")[0])
    if key not in _named:
        _named.add(key)
        log.warning("%s: %s; what is there is used", shown(name), remark)
