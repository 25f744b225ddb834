"""Trying before the first step what a run needs only after hours; nothing of it stays, and nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.configs import NarrowsError
from narrows.pipelines.report import rehearse_report
from narrows.training.memory import is_out_of_memory
from narrows.training.training_data import TrainingData


class RehearsalError(NarrowsError, ValueError):
    """Something that the run needs later cannot work."""


def try_report(model_folder: Path, model: Any, data: TrainingData) -> None:
    """Make what the report at the end is made of, once and short.

    Args:
        model_folder: of the model as the run writes it.
        model: its typed configuration.
        data: of the run.

    Raises:
        RehearsalError: it cannot be made.
    """
    try:
        rehearse_report(model_folder, model, data.heard, data.allow_code)
    except Exception as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise
        raise RehearsalError(
            f"The report at the end of this run cannot be made, which was tried before its first step: {error}"
        ) from error
