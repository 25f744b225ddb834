"""k-means (Lloyd 1982), for the first state of a codebook."""

from __future__ import annotations

from functools import partial

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.models.blocks.draws import integers, permutation
from narrows.models.blocks.quantizers.nearest import nearest


def choose_rows(rows: Tensor, count: int, generator: Generator | None = None) -> Tensor:
    """Random rows of `(N, D)`: all different where there are enough."""
    if len(rows) >= count:
        chosen = permutation(rows, generator)[:count]
    else:
        chosen = integers(0, len(rows), count, rows, generator)
    return rows[chosen]


def distances(rows: Tensor, centres: Tensor) -> Tensor:
    """Euclidean distance of every row to every centre: `(..., N, D)`, `(K, D)` → `(..., N, K)`."""
    squares = (rows**2).sum(-1, keepdim=True) + (centres**2).sum(-1)
    return squares.add_(rows @ centres.t(), alpha=-2).clamp_(min=0).sqrt_()


def similarity(rows: Tensor, centres: Tensor, cosine: bool) -> Tensor:
    """The nearer, the larger: `(..., N, D)`, `(K, D)` → `(..., N, K)`."""
    return rows @ centres.t() if cosine else -distances(rows, centres)


def kmeans(
    rows: Tensor, clusters: int, iterations: int, cosine: bool = False, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Cluster vectors.

    Args:
        rows: `(N, D)`; of unit length where `cosine` is set.
        clusters: number of clusters (K); more than N gives repeated centres.
        iterations: rounds of assignment and averaging.
        cosine: assign by cosine similarity, and keep the centres at unit length.
        generator: source of the first centres.

    Returns:
        Centres `(K, D)` and the number of rows of each.
    """
    centres = choose_rows(rows, clusters, generator)
    counts = rows.new_zeros(clusters)
    for _ in range(iterations):
        assigned = nearest(rows, clusters, partial(similarity, centres=centres, cosine=cosine))
        counts = torch.bincount(assigned, minlength=clusters).to(rows.dtype)
        sums = torch.zeros_like(centres).index_add_(0, assigned, rows)
        means = sums / counts.clamp(min=1)[:, None]
        # A centre without rows stays where it was.
        centres = torch.where((counts == 0)[:, None], centres, F.normalize(means, dim=-1) if cosine else means)
    return centres, counts
