"""Weights & Biases, an extra: `pip install "narrows-training[wandb]"`."""

from __future__ import annotations

from pathlib import Path

from narrows.training.loggers.extras import import_extra
from narrows.training.loggers.run_logger import RunLogger


def create(folder: Path, run: str, start: int) -> RunLogger:
    """The logger of a run; an interrupted run goes on under its id."""
    wandb = import_extra("wandb", "wandb")
    return RunLogger(wandb.init(project="narrows", name=run, id=run, dir=str(folder), resume="allow"))
