"""TensorBoard event files in `tensorboard/`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

WRITING_THREAD = "_AsyncWriterThread"


class TensorBoardLogger:
    """Writes event files."""

    def __init__(self, folder: Path, start: int) -> None:
        # purge_step hides records of an interrupted process after the checkpoint.
        self._writer = SummaryWriter(str(folder), purge_step=start + 1 if start else None)

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        for name, value in values.items():
            self._writer.add_scalar(f"{split}/{name}", value, step)

    def close(self) -> None:
        """Write pending values."""
        self._writer.close()


def _leave_errors_to_the_logger() -> None:
    """TensorBoard's writing thread keeps its error for the next call, which raises it; it need not print it, too."""
    before = threading.excepthook

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if type(arguments.thread).__name__ != WRITING_THREAD:
            before(arguments)

    threading.excepthook = hook


def create(folder: Path, run: str, start: int) -> TensorBoardLogger:
    """The logger of a run."""
    _leave_errors_to_the_logger()
    return TensorBoardLogger(folder / "tensorboard", start)
