"""Use of codebooks over many clips, counted clip by clip: memory grows with the entries used, not with the clips."""

from __future__ import annotations

import math
from collections import Counter

from torch import Tensor

from narrows.pipelines.metrics import CodebookUse


class CodeCounts:
    """Counts how often each entry of each codebook occurs.

    Args:
        size: entries of a codebook.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._counts: list[Counter[int]] = []

    def add(self, tokens: Tensor) -> None:
        """Count tokens `(B, K, L)`."""
        rows = tokens.transpose(0, 1).flatten(1)
        self._counts += [Counter() for _ in range(len(rows) - len(self._counts))]
        for counter, row in zip(self._counts, rows, strict=True):
            entries, counts = row.unique(return_counts=True)
            counter.update(dict(zip(entries.tolist(), counts.tolist(), strict=True)))

    def uses(self) -> list[CodebookUse]:
        """Use of every codebook so far."""
        return [self._use(counter) for counter in self._counts]

    def _use(self, counter: Counter[int]) -> CodebookUse:
        total = max(1, counter.total())
        entropy = -sum(count / total * math.log2(count / total) for count in counter.values())
        return CodebookUse(self.size, len(counter) / self.size, max(0.0, entropy))
