"""Lookup-free quantization (Yu et al. 2023, arXiv 2310.05737): each channel keeps its sign, one bit.

With `spherical` it is binary spherical quantization (Zhao et al. 2024, arXiv 2406.07548).
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.draws import permutation
from narrows.models.blocks.quantizers.gradients import straight_through
from narrows.models.blocks.quantizers.losses import entropy, masked_mean
from narrows.models.blocks.quantizers.ranks import is_distributed


class BinaryQuantizer(nn.Module):
    """Quantizes `(B, L, bits)` in float32; the first channel is the highest bit of the index.

    Args:
        bits: channels.
        codebook_scale: absolute value of a code.
        spherical: scale vectors and codes to length `codebook_scale`.
        entropy_loss_weight: weight of the entropy term: certain about each frame, uncertain about all.
        diversity_gamma: share of the second part in it.
        commitment_loss_weight: weight of the squared distance to the code.
        frac_per_sample_entropy: share of the frames used for the entropy term.
        inv_temperature: sharpness of the soft assignment in the entropy term.
        experimental_softplus_entropy_loss: keep the entropy term positive by a softplus.
        entropy_loss_offset: added to it before the softplus.
    """

    def __init__(
        self,
        bits: int,
        codebook_scale: float = 1.0,
        spherical: bool = False,
        entropy_loss_weight: float = 0.1,
        diversity_gamma: float = 1.0,
        commitment_loss_weight: float = 0.0,
        frac_per_sample_entropy: float = 1.0,
        inv_temperature: float = 100.0,
        experimental_softplus_entropy_loss: bool = False,
        entropy_loss_offset: float = 5.0,
    ) -> None:
        super().__init__()
        self.bits, self.size = bits, 2**bits
        self.scale, self.spherical = codebook_scale, spherical
        self.entropy_weight, self.gamma = entropy_loss_weight, diversity_gamma
        self.commitment_weight, self.fraction = commitment_loss_weight, frac_per_sample_entropy
        self.inv_temperature = inv_temperature
        self.softplus, self.offset = experimental_softplus_entropy_loss, entropy_loss_offset
        self.basis: Tensor
        self.register_buffer("basis", 2 ** torch.arange(bits - 1, -1, -1), persistent=False)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, generator: Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Codes `(B, L, bits)`, indices `(B, L)` and loss, which is zero in evaluation."""
        x = self._on_sphere(x)
        positive = x.detach() > 0
        indices = (positive * self.basis).sum(-1)
        quantized = self.codes(indices)
        loss = x.new_zeros(())
        if self.training:
            loss = loss + masked_mean((x - quantized) ** 2, mask) * self.commitment_weight
            if self.entropy_weight > 0:
                loss = (
                    loss + self._entropy(x.flatten(0, 1) if mask is None else x[mask], generator) * self.entropy_weight
                )
        return straight_through(x, quantized), indices, loss

    def codes(self, indices: Tensor) -> Tensor:
        """Codes of indices: `(...)` → `(..., bits)`."""
        bits = (indices[..., None] & self.basis) != 0
        return self._on_sphere(torch.where(bits, self.scale, -self.scale))

    def _on_sphere(self, x: Tensor) -> Tensor:
        return F.normalize(x, dim=-1) * self.scale if self.spherical else x

    def _entropy(self, rows: Tensor, generator: Generator | None) -> Tensor:
        """Mean entropy of each row's assignment, less that of the average assignment; the codes number `2**bits`."""
        if self.fraction < 1:
            rows = rows[permutation(rows, generator)[: max(1, int(len(rows) * self.fraction))]]
        codes = self.codes(torch.arange(self.size, device=rows.device))
        assigned = (2 * self.inv_temperature * rows @ codes.t()).softmax(-1)
        average = assigned.mean(0)
        if is_distributed():
            average = _mean_over_ranks(average)
        loss = entropy(assigned).mean() - self.gamma * entropy(average)
        return F.softplus(loss + self.offset) if self.softplus else loss


def _mean_over_ranks(x: Tensor) -> Tensor:
    from torch import distributed as dist
    from torch.distributed.nn.functional import all_reduce

    total: Tensor = all_reduce(x)  # type: ignore[no-untyped-call]
    return total / dist.get_world_size()
