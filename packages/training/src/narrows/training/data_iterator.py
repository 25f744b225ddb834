"""An endless stream of batches from a loader, with its position and the time spent waiting for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from narrows.training.checkpoints.rng import preserved_rng

Batch = tuple[Tensor, list[dict[str, Any]]]


class Batches:
    """Draws from a loader, epoch after epoch.

    The global generators are left as they were, so that the noise of training does not depend on how batches are
    loaded, nor on where a run was resumed.

    Args:
        loader: of `narrows.data.create_dataloader_from_config`.
    """

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self._waited = 0.0
        self._epoch: Iterator[Batch] | None = None

    def draw(self) -> Batch:
        """The next batch.

        Raises:
            ValueError: the loader gives none at all.
        """
        start = time.perf_counter()
        with preserved_rng():
            batch = self._next()
        self._waited += time.perf_counter() - start
        return batch

    def take_waited(self) -> float:
        """Seconds spent waiting for batches since this was last called."""
        waited, self._waited = self._waited, 0.0
        return waited

    def state_dict(self) -> dict[str, Any]:
        """Position: the number of the next sample of all processes, or what else the loader counts."""
        state: dict[str, Any] = self.loader.state_dict()
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to a position of `state_dict`."""
        self.loader.load_state_dict(state)
        self._epoch = None

    def _next(self) -> Batch:
        for _ in range(2):
            if self._epoch is None:
                self._epoch = iter(self.loader)
            batch: Batch | None = next(self._epoch, None)
            if batch is not None:
                return batch
            self._epoch = None
        raise ValueError(
            "The data set gives no batch: there are fewer clips than a batch takes. Add files, lower `batch_size`, or "
            "set `drop_last` to false"
        )
