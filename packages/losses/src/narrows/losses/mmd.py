"""Maximum mean discrepancy with inverse multiquadric kernels (Gretton et al. 2012; Tolstikhin et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mmd(x: Tensor, y: Tensor, bandwidths: Sequence[float] = (1.0,)) -> Tensor:
    """Squared discrepancy of two sets of vectors (the biased estimate, as in stable-audio-tools).

    The kernel is `1 / (1 + d / 2b)`, averaged over the bandwidths b, with d the mean squared difference.

    Args:
        x: `(N, D)`.
        y: `(M, D)`.
        bandwidths: of the kernels.

    Returns:
        A scalar; 0 for equal sets.
    """
    return _mean_kernel(x, x, bandwidths) + _mean_kernel(y, y, bandwidths) - 2 * _mean_kernel(x, y, bandwidths)


def _mean_kernel(x: Tensor, y: Tensor, bandwidths: Sequence[float]) -> Tensor:
    width = x.shape[-1]
    squares = x.square().mean(-1)[:, None] + y.square().mean(-1)[None, :]
    distance = (squares - 2 * (x @ y.T) / width).clamp(min=0)
    return torch.stack([(1 / (1 + distance / (2 * b))).mean() for b in bandwidths]).mean()
