"""How far pre-encoding is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from tqdm import tqdm


class PreEncodeProgress:
    """Shows clips, hours of audio a second and the time left.

    Args:
        total: clips of this process.
        done: clips that earlier runs have done.
        stream: standard error by default.
        interval: seconds between plain lines.
    """

    def __init__(self, total: int, done: int, stream: TextIO | None = None, interval: float = 10.0) -> None:
        self._stream = stream or sys.stderr
        self._total, self._done, self._first = total, done, done
        self._hours = 0.0
        self._began = self._said = time.monotonic()
        self._interval = interval
        self._bar = tqdm(total=total, initial=done, unit="clip", file=self._stream) if self._stream.isatty() else None

    def advance(self, clips: int, seconds: float) -> None:
        """Clips are done, with so much audio."""
        self._done += clips
        self._hours += seconds / 3600
        now = time.monotonic()
        speed = f"{self._hours / max(now - self._began, 1e-9):.3g} audio hours/s"
        if self._bar is not None:
            self._bar.update(clips)
            self._bar.set_postfix_str(speed)
        elif now - self._said >= self._interval or self._done >= self._total:
            self._said = now
            left = (now - self._began) / max(1, self._done - self._first) * (self._total - self._done)
            print(f"{self._done}/{self._total} clips  {speed}  {left:.0f} s left", file=self._stream, flush=True)

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._bar is not None:
            self._bar.close()
