"""The schedule of a run: when to log, validate, save and stop."""

from __future__ import annotations

import time

from narrows.configs import TrainExperimentConfig


class Schedule:
    """Says what is due after a step; the last step ends with everything.

    Args:
        experiment: whose `steps`, `max_seconds`, `log_every`, `val_every` and `checkpoint_every` count.
        switches: steps at which to validate and save as well, since something else is trained from there on.
    """

    def __init__(self, experiment: TrainExperimentConfig, switches: frozenset[int] = frozenset()) -> None:
        self.steps, self.max_seconds = experiment.steps, experiment.max_seconds
        self._log, self._validate = experiment.log_every, experiment.val_every
        self._save, self._switches = experiment.checkpoint_every, switches
        self._deadline = float("inf")

    def start(self) -> None:
        """Start the clock."""
        self._deadline = time.monotonic() + (self.max_seconds or float("inf"))

    @property
    def out_of_time(self) -> bool:
        """Whether `max_seconds` have passed, on this process."""
        return time.monotonic() >= self._deadline

    def log_due(self, step: int) -> bool:
        """Whether to log."""
        return step % self._log == 0

    def validation_due(self, step: int) -> bool:
        """Whether to validate."""
        return step % self._validate == 0 or step in self._switches

    def checkpoint_due(self, step: int) -> bool:
        """Whether to save; before something else is trained, too."""
        return step % self._save == 0 or step in self._switches
