"""Trackio, an extra: `pip install "narrows-training[trackio]"`. Curves stay on this machine: `trackio show`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.training.loggers.extras import import_extra


class TrackioLogger:
    """Writes values to a run; an interrupted run goes on under its name."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        self._run.log({f"{split}/{name}": value for name, value in values.items()}, step=step)

    def close(self) -> None:
        """Write pending values."""
        self._run.finish()


def create(folder: Path, run: str, start: int) -> TrackioLogger:
    """The logger of a run."""
    trackio = import_extra("trackio", "trackio")
    return TrackioLogger(trackio.init(project="narrows", name=run, resume="allow"))
