"""What the runs of Weights & Biases and of Trackio have in common: one call that takes values and a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RunLogger:
    """Gives values to a run.

    Args:
        run: what `init` of wandb or trackio gave.
    """

    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        self._run.log({f"{split}/{name}": value for name, value in values.items()}, step=step)

    def close(self) -> None:
        """Send pending values."""
        self._run.finish()
