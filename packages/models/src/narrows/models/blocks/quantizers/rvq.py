"""Residual vector quantization with moving-average codebooks."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn

from narrows.models.blocks.quantizers.codebook import Codebook
from narrows.models.blocks.quantizers.residual import Quantized, StageDropout, residual
from narrows.models.blocks.quantizers.vector import VectorQuantizer


class ResidualVectorQuantizer(nn.Module):
    """`num_quantizers` vector quantizers in a row.

    Args:
        dim: width of the vectors (D).
        codebook_size: codes of each stage.
        num_quantizers: stages (K).
        codebook_dim: width in which codes are searched; other than `dim` adds linear projections.
        shared_codebook: one codebook for all stages.
        quantize_dropout: see `StageDropout`, as the two that follow.
        quantize_dropout_cutoff_index: first stage that may be dropped.
        quantize_dropout_multiple_of: the number of stages kept is a multiple of this.
        codebook: further arguments of `Codebook`.
        vector: further arguments of `VectorQuantizer`.
    """

    # `layers`, `project_in` and `project_out` are the names of vector-quantize-pytorch: part of the checkpoint format.
    def __init__(
        self,
        dim: int,
        codebook_size: int,
        num_quantizers: int,
        codebook_dim: int | None = None,
        shared_codebook: bool = False,
        quantize_dropout: bool = False,
        quantize_dropout_cutoff_index: int = 0,
        quantize_dropout_multiple_of: int = 1,
        codebook: dict[str, Any] | None = None,
        vector: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        width = codebook_dim or dim
        self.project_in = nn.Linear(dim, width) if width != dim else nn.Identity()
        self.project_out = nn.Linear(width, dim) if width != dim else nn.Identity()
        self.dropout = StageDropout(
            num_quantizers, quantize_dropout, quantize_dropout_cutoff_index, quantize_dropout_multiple_of
        )
        books = [
            Codebook(width, codebook_size, **codebook or {}) for _ in range(1 if shared_codebook else num_quantizers)
        ]
        self.layers = nn.ModuleList(
            VectorQuantizer(books[i % len(books)], **vector or {}) for i in range(num_quantizers)
        )

    @property
    def codebooks(self) -> list[Codebook]:
        """The codebook of each stage."""
        return [layer._codebook for layer in self.layers]  # type: ignore[misc]

    def forward(
        self,
        x: Tensor,
        n_quantizers: int | None = None,
        mask: Tensor | None = None,
        generator: Generator | None = None,
    ) -> Quantized:
        """Quantize `(B, L, D)`; exactly `n_quantizers` stages where it is given, in training too."""
        count = self.dropout.count(n_quantizers, self.training, x, generator)
        x = self.project_in(x)
        result = residual(x.float(), [partial(layer, mask=mask, generator=generator) for layer in self.layers], count)
        return result._replace(latents=self.project_out(result.latents.to(x.dtype)))

    def dequantize(self, codes: Tensor) -> Tensor:
        """Vectors `(B, L, D)` of codes `(B, L, k)`; fewer than all stages give a coarser result."""
        width = self.codebooks[0].codes.shape[-1]
        total = torch.zeros(*codes.shape[:-1], width, device=codes.device)
        for codebook, indices in zip(self.codebooks, codes.unbind(-1), strict=False):
            total = total + codebook.lookup(indices)
        if isinstance(self.project_out, nn.Linear):
            total = total.to(self.project_out.weight.dtype)
        out: Tensor = self.project_out(total)
        return out
