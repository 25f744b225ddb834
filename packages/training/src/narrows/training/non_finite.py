"""Skips steps with non-finite losses or gradients; stops after too many in a row."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import NarrowsError

log = logging.getLogger(__name__)


class TrainingDivergedError(NarrowsError, ArithmeticError):
    """Too many steps in a row had a loss or gradient that is not finite."""


@dataclass
class Guard:
    """Counts bad steps.

    Args:
        limit: bad steps in a row that end the training.
    """

    limit: int = 10
    skipped: int = 0
    in_a_row: int = field(default=0, init=False)

    def good(self) -> None:
        """A step went well."""
        self.in_a_row = 0

    def bad(self, step: int, reason: str, files: Sequence[str]) -> None:
        """A step was skipped.

        Raises:
            TrainingDivergedError: it was one too many.
        """
        self.skipped += 1
        self.in_a_row += 1
        shown = ", ".join(files[:8]) + (" ..." if len(files) > 8 else "")
        message = f"Step {step} is skipped: {reason}. Batch: {shown or 'unnamed'}"
        log.warning("%s", message)
        if self.in_a_row >= self.limit:
            if step == 1:
                raise TrainingDivergedError(
                    f"None of {self.in_a_row} batches could be used before the first update. {message}. The weights "
                    "have not changed yet, so that neither the learning rate nor a single file is the cause: look at "
                    "the options of the losses named, at the weights that the run starts from, and at `precision`"
                )
            raise TrainingDivergedError(
                f"{self.in_a_row} steps in a row could not be used. {message}. The last good checkpoint is kept; "
                "lower the learning rate, clip gradients (clip_grad_norm) or remove the files from the data set"
            )


def non_finite_terms(values: Mapping[str, Tensor]) -> list[str]:
    """Names of the losses that are not finite, with their values."""
    return [f"{name} is {float(value)}" for name, value in values.items() if not math.isfinite(float(value))]


def file_names(metadata: Iterable[Mapping[str, Any]]) -> list[str]:
    """The files of a batch, as far as its metadata names them."""
    return [str(item.get("path") or item.get("relpath") or "unnamed") for item in metadata]


class BufferBackup:
    """Copies of what a forward pass changes, to undo it: codebooks and their statistics.

    These are all buffers of the modules, and parameters that a module names in its attribute `moved`.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        every = [part for module in modules for part in module.modules()]
        self._buffers = [buffer for part in every for buffer in part.buffers(recurse=False)]
        self._buffers += [parameter for part in every for parameter in getattr(part, "moved", ())]
        self._copies = [buffer.clone() for buffer in self._buffers]

    @torch.no_grad()
    def restore(self) -> None:
        """Put the buffers back."""
        for buffer, copied in zip(self._buffers, self._copies, strict=True):
            buffer.copy_(copied)
