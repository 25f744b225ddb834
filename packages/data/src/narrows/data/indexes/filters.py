"""Which rows of an index a data set takes, judged by columns: no list of the rows that stay is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

HASHES = 1 << 32


@dataclass(frozen=True)
class RowFilter:
    """Rows by length, path and split.

    Args:
        min_seconds: leave out shorter files.
        max_seconds: leave out longer files.
        keywords: only paths that contain one of these, in any case; none takes all.
        split: `all`, `train` or `held_out`.
        held_out_share: share of the files that is held out.
        border: hash of a path from which on a file is to be trained on; None takes it of `held_out_share`.
    """

    min_seconds: float | None = None
    max_seconds: float | None = None
    keywords: tuple[str, ...] = ()
    split: str = "all"
    held_out_share: float = 0.05
    border: int | None = None

    @property
    def columns(self) -> list[str]:
        """What must be read of a row to judge it; nothing where every row is taken."""
        lengths = self.min_seconds is not None or self.max_seconds is not None
        wanted = ["frames", "sample_rate"] if lengths else []
        return [*wanted, *(["path"] if self.keywords else []), *(["path_crc32"] if self.split != "all" else [])]

    def mask(self, table: Any) -> NDArray[np.bool_]:
        """Which rows of a table with these columns are taken."""
        keep = self.before_split(table)
        if self.split == "all":
            return keep
        hashes = table.column("path_crc32").to_numpy()
        held_out = hashes < (self.held_out_share * HASHES if self.border is None else self.border)
        kept: NDArray[np.bool_] = keep & (held_out if self.split == "held_out" else ~held_out)
        return kept

    def before_split(self, table: Any) -> NDArray[np.bool_]:
        """Which rows are taken by all splits together."""
        keep = np.ones(table.num_rows, np.bool_)
        if self.min_seconds is not None or self.max_seconds is not None:
            seconds = table.column("frames").to_numpy() / np.maximum(table.column("sample_rate").to_numpy(), 1)
            keep &= seconds >= (self.min_seconds or 0)
            keep &= seconds <= (float("inf") if self.max_seconds is None else self.max_seconds)
        if self.keywords:
            paths: Sequence[str] = table.column("path").to_pylist()
            words = [word.lower() for word in self.keywords]
            keep &= np.array([any(word in path.lower() for word in words) for path in paths], np.bool_)
        return keep

    def with_border_between(self, lowest: int, highest: int) -> RowFilter:
        """The filter by which at least one file is held out and one is not, as in a folder that is searched.

        Args:
            lowest: hash of the paths that all splits together take.
            highest: of them.
        """
        border = int(np.ceil(self.held_out_share * HASHES))
        return replace(self, border=min(max(border, lowest + 1), highest) if lowest < highest else border)
