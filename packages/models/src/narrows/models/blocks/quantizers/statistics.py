"""Statistics of the frames that choose the codes of a quantizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from narrows.models.blocks.quantizers.ranks import sum_over_ranks


def assigned(rows: Tensor, indices: Tensor, size: int, sync: bool = True) -> tuple[Tensor, Tensor]:
    """How many rows `(R, D)` chose each code, `(N,)`, and their sums, `(N, D)`, in float32.

    Args:
        rows: of this process.
        indices: of the codes they chose, `(R,)`.
        size: number of codes (N).
        sync: count the rows of all processes.
    """
    counts = torch.bincount(indices, minlength=size).float()
    sums = rows.new_zeros(size, rows.shape[-1], dtype=torch.float32).index_add_(0, indices, rows.float())
    return sum_over_ranks(counts, sync), sum_over_ranks(sums, sync)


def in_float32(module: nn.Module, names: Sequence[str], convert: Callable[[], object]) -> None:
    """Convert a module, and put its buffers of these names back where they have become 16 bit.

    Updates of statistics are smaller than the rounding of 16-bit numbers, and would be lost or drift.
    """
    kept = {name: module.get_buffer(name) for name in names}
    convert()
    for name, before in kept.items():
        after = module.get_buffer(name)
        if after.dtype in (torch.bfloat16, torch.float16):
            setattr(module, name, before.to(after.device))
