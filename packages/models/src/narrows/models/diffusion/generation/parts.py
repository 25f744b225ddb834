"""Parts of a model that are where the work is only while they work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import torch
from torch import nn


@dataclass(frozen=True)
class Workplace:
    """Where the parts of a model work.

    Args:
        device: parts come here to work and go back when they are done; None for where they are.
    """

    device: torch.device | None = None

    @contextmanager
    def holding(self, part: nn.Module | None) -> Iterator[torch.device]:
        """A part at work, on the device that is given."""
        first = None if part is None else next(chain(part.parameters(), part.buffers()), None)
        home = torch.device("cpu") if first is None else first.device
        if self.device is None or part is None or self.device == home:
            yield home if self.device is None else self.device
            return
        part.to(self.device)
        try:
            yield self.device
        finally:
            part.to(home)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
