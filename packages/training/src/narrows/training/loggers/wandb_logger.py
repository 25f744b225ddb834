"""Weights & Biases, an extra: `pip install "narrows-training[wandb]"`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.training.loggers.extras import import_extra


class WandbLogger:
    """Sends values to a run; an interrupted run goes on under its id."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        self._run.log({f"{split}/{name}": value for name, value in values.items()}, step=step)

    def close(self) -> None:
        """Send pending values."""
        self._run.finish()


def create(folder: Path, run: str, start: int) -> WandbLogger:
    """The logger of a run."""
    wandb = import_extra("wandb", "wandb")
    return WandbLogger(wandb.init(project="narrows", name=run, id=run, dir=str(folder), resume="allow"))
