"""What codebooks exchange between the processes of a distributed training; nothing in a single process."""

from __future__ import annotations

import torch
from torch import Tensor
from torch import distributed as dist


def is_distributed() -> bool:
    """Whether several processes train together."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def sum_over_ranks(x: Tensor, active: bool) -> Tensor:
    """The sum of a tensor of every process."""
    if active and is_distributed():
        dist.all_reduce(x)
    return x


def same_on_all_ranks(x: Tensor, active: bool = True) -> Tensor:
    """The tensor of the first process, for everybody."""
    if active and is_distributed():
        dist.broadcast(x, src=0)
    return x


def rows_of_all_ranks(rows: Tensor, active: bool) -> Tensor:
    """The rows `(N, D)` of every process below each other; every process may have another number."""
    if not (active and is_distributed()):
        return rows
    count = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.empty_like(count) for _ in range(dist.get_world_size())]
    dist.all_gather(counts, count)
    longest = int(torch.stack(counts).max())
    padded = torch.cat([rows, rows.new_zeros(longest - len(rows), rows.shape[1])])
    gathered = [torch.empty_like(padded) for _ in counts]
    dist.all_gather(gathered, padded)
    return torch.cat([part[: int(n)] for part, n in zip(gathered, counts, strict=True)])
