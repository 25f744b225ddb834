"""How far pre-encoding is."""

from __future__ import annotations

from typing import TextIO

from narrows.pipelines.progress import Progress


class PreEncodeProgress:
    """Shows clips, hours of audio a second and the time left.

    How many clips an archive holds is known once it is open, so progress is counted in shards.

    Args:
        total: shards of this process.
        done: shards that earlier runs have done.
        stream: standard error by default.
        interval: seconds between plain lines.
    """

    def __init__(self, total: int, done: int, stream: TextIO | None = None, interval: float = 10.0) -> None:
        self._progress = Progress(total, done, stream=stream, interval=interval, unit="shard")
        self._done, self._clips, self._here, self._size, self._hours = done, 0, 0, 0, 0.0

    def begin(self, clips: int) -> None:
        """A shard of so many clips."""
        self._here, self._size = 0, clips

    def advance(self, clips: int, seconds: float) -> None:
        """Clips are done, with so much audio."""
        self._clips, self._here = self._clips + clips, self._here + clips
        self._hours += seconds / 3600
        # The last clip ends no shard: that is when it is written.
        self._show(min(self._here / max(1, self._size), 0.999))

    def end(self) -> None:
        """A shard is written."""
        self._done += 1
        self._size = self._here = 0
        self._show(0.0)

    def _show(self, share: float) -> None:
        speed = self._hours / self._progress.seconds
        self._progress.text(self._done + share, f"{self._clips} clips, {speed:.3g} audio hours/s")

    def close(self) -> None:
        """Leave the terminal tidy."""
        self._progress.close()
