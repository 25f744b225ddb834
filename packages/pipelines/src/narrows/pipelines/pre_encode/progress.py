"""How far pre-encoding is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from tqdm import tqdm

BAR = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class PreEncodeProgress:
    """Shows clips, hours of audio a second and the time left.

    How many clips an archive holds is known once it is open, so what is left is counted in shards.

    Args:
        total: shards of this process.
        done: shards that earlier runs have done.
        stream: standard error by default.
        interval: seconds between plain lines.
    """

    def __init__(self, total: int, done: int, stream: TextIO | None = None, interval: float = 10.0) -> None:
        self._stream = stream or sys.stderr
        self._total, self._done, self._first = total, done, done
        self._clips = self._here = self._size = 0
        self._hours = 0.0
        self._began = self._said = time.monotonic()
        self._interval = interval
        terminal = self._stream.isatty()
        self._bar = tqdm(total=total, initial=done, bar_format=BAR, file=self._stream) if terminal else None

    def begin(self, clips: int) -> None:
        """A shard of so many clips."""
        self._here, self._size = 0, clips

    def advance(self, clips: int, seconds: float) -> None:
        """Clips are done, with so much audio."""
        self._clips, self._here = self._clips + clips, self._here + clips
        self._hours += seconds / 3600
        self._show(self._here / max(1, self._size))

    def end(self) -> None:
        """A shard is written."""
        self._done += 1
        self._size = self._here = 0
        self._show(0.0, say=self._done == self._total)

    def _show(self, share: float, say: bool = False) -> None:
        now = time.monotonic()
        speed = f"{self._clips} clips, {self._hours / max(now - self._began, 1e-9):.3g} audio hours/s"
        if self._bar is not None:
            self._bar.n = min(self._total, self._done + share)
            self._bar.set_postfix_str(speed)
        elif say or now - self._said >= self._interval:
            self._said = now
            gone = self._done - self._first + share
            left = (now - self._began) * (self._total - self._done - share) / gone if gone else float("nan")
            print(f"{self._done}/{self._total} shards  {speed}  {left:.0f} s left", file=self._stream, flush=True)

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._bar is not None:
            self._bar.close()
