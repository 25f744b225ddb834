"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from tqdm import tqdm

BAR = "{desc}{percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} [{elapsed}<{remaining}{postfix}]"


class Progress:
    """Shows progress.

    Args:
        total: units of work in all.
        start: units done before.
        shown: False says nothing.
        stream: where to; standard error by default, so that results on standard output stay clean.
        interval: seconds between plain lines.
        limit: seconds after which the work stops, if it is not done before.
        unit: name of a unit, in the singular.
    """

    def __init__(
        self,
        total: int,
        start: int = 0,
        shown: bool = True,
        stream: TextIO | None = None,
        interval: float = 5.0,
        limit: float | None = None,
        unit: str = "step",
    ) -> None:
        self.stream = stream or sys.stderr
        self.total, self.shown, self.interval, self.limit, self.unit = total, shown, interval, limit, unit
        self._start, self._began, self._last = start, time.monotonic(), -float("inf")
        terminal = shown and self.stream.isatty()
        options = {"unit": unit, "bar_format": BAR, "file": self.stream}
        self._bar = tqdm(total=total, initial=start, **options) if terminal else None

    @property
    def seconds(self) -> float:
        """Since the start."""
        return max(time.monotonic() - self._began, 1e-9)

    def note(self, text: str) -> None:
        """Say something."""
        if self._bar is not None:
            self._bar.write(text, file=self.stream)
        elif self.shown:
            print(text, file=self.stream, flush=True)

    def advance(self, done: float) -> None:
        """So many units are done, in all; parts of a unit count."""
        if self._bar is not None:
            self._bar.n = min(self.total, done)
            self._bar.refresh() if done >= self.total else self._bar.update(0)

    def values(self, done: float, values: Mapping[str, Any]) -> None:
        """Show values, e.g. those of a log step."""
        self.text(done, "  ".join(f"{name} {value:.4g}" for name, value in values.items()))

    def text(self, done: float, text: str) -> None:
        """Show a text beside the bar, or in a line at most every `interval` seconds and at the end."""
        self.advance(done)
        if self._bar is not None:
            self._bar.set_postfix_str(text)
            return
        now = time.monotonic()
        if now - self._last >= self.interval or done >= self.total:
            self._last = now
            speed = (done - self._start) / self.seconds
            left = (self.total - done) / speed if speed else float("inf")
            left = max(0.0, min(left, (self.limit or float("inf")) - self.seconds))
            said = f"{self.unit} {int(done)}/{self.total}  {text}  {speed:.2f} {self.unit}s/s"
            self.note(said if left == float("inf") else f"{said}  {_clock(left)} left")

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._bar is not None:
            self._bar.close()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
