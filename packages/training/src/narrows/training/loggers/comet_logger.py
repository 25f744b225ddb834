"""Comet, an extra: `pip install "narrows-training[comet]"`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.training.loggers.extras import import_extra

KEY = "comet.txt"
"""Holds the experiment's key, so that a run that is resumed goes on there."""


class CometLogger:
    """Sends values to an experiment."""

    def __init__(self, experiment: Any) -> None:
        self._experiment = experiment

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        self._experiment.log_metrics({f"{split}/{name}": value for name, value in values.items()}, step=step)

    def close(self) -> None:
        """Send pending values."""
        self._experiment.end()


def create(folder: Path, run: str, start: int) -> CometLogger:
    """The logger of a run."""
    comet = import_extra("comet_ml", "comet")
    file = folder / KEY
    known = file.read_text(encoding="utf-8").strip() if start and file.exists() else None
    experiment = comet.start(project_name="narrows", experiment_key=known)
    experiment.set_name(run)
    file.write_text(experiment.get_key(), encoding="utf-8")
    return CometLogger(experiment)
