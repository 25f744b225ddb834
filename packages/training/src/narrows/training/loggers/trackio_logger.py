"""Trackio, an extra: `pip install "narrows-training[trackio]"`. Curves stay on this machine: `trackio show`."""

from __future__ import annotations

from pathlib import Path

from narrows.training.loggers.extras import import_extra
from narrows.training.loggers.run_logger import RunLogger


def create(folder: Path, run: str, start: int) -> RunLogger:
    """The logger of a run; an interrupted run goes on under its name."""
    trackio = import_extra("trackio", "trackio")
    return RunLogger(trackio.init(project="narrows", name=run, resume="allow"))
