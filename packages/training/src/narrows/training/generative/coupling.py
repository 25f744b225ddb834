"""Pairs of noise and data by optimal transport over a batch, for straighter flows.

Tong et al. 2023 (arXiv 2302.00482); Stable Audio 3 does so after MelodyFlow (arXiv 2407.03648), by an approximation.
"""

from __future__ import annotations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


@torch.no_grad()
def paired(data: Tensor, noise: Tensor, valid: Tensor | None = None) -> Tensor:
    """The noise, its items ordered so that the squared distances to the data are least altogether: exactly.

    Args:
        data: `(B, D, L)`.
        noise: `(B, D, L)`.
        valid: `(B, L)`, false for padding, which does not count; None for none.
    """
    clean = data if valid is None else data * valid[:, None]
    # Squares of the items are the same in every pairing: what is left are products. Where an item is padded, its noise
    # is not all counted, and the squares of what is counted are not the same any more.
    cost = -2.0 * clean.flatten(1).double() @ noise.flatten(1).double().T
    if valid is not None:
        cost += valid.double() @ (noise.double() ** 2).sum(1).T
    _, order = linear_sum_assignment(cost.cpu().numpy())
    return noise[torch.as_tensor(order, device=noise.device)]
