"""What a run tells while it goes: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from tqdm import tqdm


class Progress:
    """Shows progress.

    Args:
        total: steps in all.
        start: steps done before.
        shown: False says nothing.
        stream: where to; standard error by default, so that results on standard output stay clean.
        interval: seconds between plain lines.
        limit: seconds after which the work stops, if it is not done before.
    """

    def __init__(
        self,
        total: int,
        start: int = 0,
        shown: bool = True,
        stream: TextIO | None = None,
        interval: float = 5.0,
        limit: float | None = None,
    ) -> None:
        self.stream = stream or sys.stderr
        self.total, self.shown, self.interval, self.limit = total, shown, interval, limit
        self._start, self._began, self._last = start, time.monotonic(), -float("inf")
        terminal = shown and self.stream.isatty()
        self._bar = tqdm(total=total, initial=start, unit="step", file=self.stream) if terminal else None

    def note(self, text: str) -> None:
        """Say something."""
        if self._bar is not None:
            self._bar.write(text, file=self.stream)
        elif self.shown:
            print(text, file=self.stream, flush=True)

    def advance(self, step: int) -> None:
        """A step is done."""
        if self._bar is not None:
            self._bar.update(step - self._bar.n)

    def values(self, step: int, values: Mapping[str, Any]) -> None:
        """Show the values of a log step."""
        text = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        if self._bar is not None:
            self._bar.set_postfix_str(text)
            return
        now = time.monotonic()
        if now - self._last >= self.interval or step >= self.total:
            speed = (step - self._start) / max(now - self._began, 1e-9)
            left = min((self.total - step) / speed, (self.limit or float("inf")) - (now - self._began))
            self._last = now
            self.note(f"step {step}/{self.total}  {text}  {speed:.2f} steps/s  {_clock(max(0.0, left))} left")

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._bar is not None:
            self._bar.close()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
