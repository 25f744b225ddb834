"""The tokens of all processes, in each of them."""

from __future__ import annotations

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional as F


def of_all_processes(fabric: Fabric, codes: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Codes and lengths of the batches of all processes as one batch, the same in each process.

    Args:
        fabric: of the run; all processes call it.
        codes: of this process, `(B, K, T)`; B and T may differ between processes.
        lengths: frames of each item, `(B,)`.
    """
    if fabric.world_size == 1:
        return codes, lengths
    sizes = fabric.all_gather(torch.tensor([codes.shape[0], codes.shape[-1]], device=fabric.device))
    items, frames = sizes.amax(0).tolist()  # type: ignore[union-attr]
    padded = F.pad(codes, (0, frames - codes.shape[-1], 0, 0, 0, items - len(codes)))
    together = fabric.all_gather(padded.contiguous()).flatten(0, 1)  # type: ignore[union-attr]
    every = fabric.all_gather(F.pad(lengths.to(fabric.device), (0, items - len(lengths)))).flatten()  # type: ignore[union-attr]
    return together, every
