"""TensorBoard event files in `tensorboard/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


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


def create(folder: Path, run: str, start: int) -> TensorBoardLogger:
    """The logger of a run."""
    return TensorBoardLogger(folder / "tensorboard", start)
