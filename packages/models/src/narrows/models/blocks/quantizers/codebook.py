"""A codebook that moves with what is assigned to it (van den Oord et al. 2017, appendix A).

Letters: N codes, D width of a code, R rows: all frames of a batch below each other.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.quantizers.kmeans import choose_rows, kmeans, similarity
from narrows.models.blocks.quantizers.nearest import nearest
from narrows.models.blocks.quantizers.ranks import rows_of_all_ranks, same_on_all_ranks
from narrows.models.blocks.quantizers.statistics import assigned, in_float32


class Codebook(nn.Module):
    """Codes with moving averages of their use.

    Args:
        dim: width of a code (D).
        size: number of codes (N).
        cosine: compare directions: rows and codes have unit length.
        decay: of the moving averages.
        eps: floor of the smoothed counts.
        ema: update by moving averages in training.
        trainable: keep the codes as a parameter.
        kmeans_iterations: start from the k-means of the first training batch; None starts at random.
        dead_below: a code whose moving count falls below is replaced by a row of the batch; 0 switches it off.
        sync: sum the averages over all processes.
        sync_kmeans: run the k-means over the rows of all processes instead of the first one's.
        sync_replacements: take replacements from the first process, so that all processes keep the same codes.
    """

    # Buffer names, the leading axis of 1 and the float flag are the file format of vector-quantize-pytorch 1.14.
    def __init__(
        self,
        dim: int,
        size: int,
        cosine: bool = False,
        decay: float = 0.99,
        eps: float = 1e-5,
        ema: bool = True,
        trainable: bool = False,
        kmeans_iterations: int | None = None,
        dead_below: float = 2,
        sync: bool = True,
        sync_kmeans: bool = True,
        sync_replacements: bool = True,
    ) -> None:
        super().__init__()
        self.size, self.cosine, self.decay, self.eps = size, cosine, decay, eps
        self.ema, self.dead_below, self.kmeans_iterations = ema, dead_below, kmeans_iterations
        self.sync, self.sync_kmeans, self.sync_replacements = sync, sync_kmeans, sync_replacements
        # The k-means replaces these; until then the codes are usable, so that an untrained model encodes.
        codes = torch.empty(1, size, dim)
        nn.init.kaiming_uniform_(codes)
        codes = F.normalize(codes, dim=-1) if cosine else codes
        self.embed: Tensor
        if trainable:
            self.embed = nn.Parameter(codes)
        else:
            self.register_buffer("embed", codes)
        self.initted: Tensor
        self.cluster_size: Tensor
        self.embed_avg: Tensor
        self.register_buffer("initted", torch.tensor([float(kmeans_iterations is None)]))
        self.register_buffer("cluster_size", torch.zeros(1, size))
        self.register_buffer("embed_avg", codes.clone())

    def _apply(self, fn: Any, recurse: bool = True) -> Codebook:
        """Move or convert the module; moving averages stay float32 where it becomes 16 bit."""
        names = ("cluster_size", "embed_avg")
        in_float32(self, names, lambda: super(Codebook, self)._apply(fn, recurse))  # type: ignore[no-untyped-call]
        return self

    @property
    def codes(self) -> Tensor:
        """`(N, D)`, float32."""
        return self.embed[0].float()

    def lookup(self, indices: Tensor) -> Tensor:
        """Codes by index: `(...)` → `(..., D)`."""
        return F.embedding(indices, self.codes)

    def similarity(self, x: Tensor, copy: bool = False) -> Tensor:
        """The nearer, the larger: `(..., D)` → `(..., N)`; to a copy of the codes if they change before a gradient."""
        return similarity(x, self.codes.clone() if copy else self.codes, self.cosine)

    @torch.no_grad()
    def nearest(self, x: Tensor) -> Tensor:
        """Index of the nearest code: `(..., D)` → `(...)`."""
        return nearest(x, self.size, partial(similarity, centres=self.codes, cosine=self.cosine))

    @torch.no_grad()
    def start(self, rows: Tensor, generator: Generator | None = None) -> None:
        """Set the codes by k-means of `(R, D)`, once; an empty batch waits for the next."""
        if bool(self.initted) or self.kmeans_iterations is None:
            return
        rows = rows_of_all_ranks(rows.float(), self.sync_kmeans)
        if len(rows) == 0:
            return
        codes, counts = kmeans(rows, self.size, self.kmeans_iterations, self.cosine, generator)
        self._assign(slice(None), same_on_all_ranks(codes), same_on_all_ranks(counts))
        self.initted.fill_(1.0)

    @torch.no_grad()
    def update(self, rows: Tensor, indices: Tensor, generator: Generator | None = None) -> None:
        """Move the codes to the rows that chose them, and replace dead ones.

        Args:
            rows: `(R, D)`.
            indices: `(R,)`.
            generator: source of the replacements.
        """
        rows = rows.float()
        counts, sums = assigned(rows, indices, self.size, self.sync)
        self.cluster_size[0].lerp_(counts.to(self.cluster_size.dtype), 1 - self.decay)
        self.embed_avg[0].lerp_(sums.to(self.embed_avg.dtype), 1 - self.decay)
        size = self.cluster_size[0]
        smooth = (size + self.eps) / (size.sum() + self.size * self.eps) * size.sum()
        codes = self.embed_avg[0] / smooth[:, None]
        self.embed[0].copy_(F.normalize(codes, dim=-1) if self.cosine else codes)
        self.revive(rows, generator)

    @torch.no_grad()
    def revive(self, rows: Tensor, generator: Generator | None = None) -> None:
        """Replace codes that are hardly used by random rows; their statistics start anew with them."""
        dead = self.cluster_size[0] < self.dead_below
        if self.dead_below == 0 or len(rows) == 0 or not bool(dead.any()):
            return
        chosen = choose_rows(rows, int(dead.sum()), generator)
        self._assign(dead, same_on_all_ranks(chosen, self.sync_replacements), self.dead_below)

    def _assign(self, which: Any, codes: Tensor, counts: Tensor | float) -> None:
        self.embed[0, which] = codes.to(self.embed.dtype)
        self.cluster_size[0, which] = counts
        weight = counts[:, None] if isinstance(counts, Tensor) else counts
        self.embed_avg[0, which] = (codes * weight).to(self.embed_avg.dtype)
