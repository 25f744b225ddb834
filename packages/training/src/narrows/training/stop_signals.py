"""SIGTERM and Ctrl-C: finish the step, save, then stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Terminated(SystemExit):
    """SIGTERM was received (SLURM preemption, a shutdown); the run was saved before this was raised."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


class StopSignals:
    """Notes a request to stop while the block runs; a second Ctrl-C interrupts at once, but for what is `held`.

    Outside of the main thread, where Python allows no handlers, it does nothing.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._holding = self._again = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and self.received == signal.SIGINT:
            if not self._holding:
                raise KeyboardInterrupt
            self._again = True
        self.received = number

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish a block, one that saves, before a second Ctrl-C interrupts."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._again:
            raise KeyboardInterrupt

    def error(self) -> BaseException:
        """The exception to raise once everything is saved."""
        return Terminated() if self.received == signal.SIGTERM else KeyboardInterrupt()
