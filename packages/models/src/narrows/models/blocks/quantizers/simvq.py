"""SimVQ (Zhu et al. 2024, arXiv 2411.02038): frozen codes behind a trained linear layer, so that all of them move."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.models.blocks.quantizers.gradients import rotate, straight_through
from narrows.models.blocks.quantizers.kmeans import distances
from narrows.models.blocks.quantizers.losses import counted, masked_mean
from narrows.models.blocks.quantizers.revival import Revival


class SimVectorQuantizer(nn.Module):
    """Replaces each vector by the nearest transformed code.

    Args:
        dim: width of the vectors (D).
        codebook_size: number of codes.
        frozen_codebook_dim: width of the frozen codes; None means `dim`.
        rotation_trick: pass gradients by rotation instead of copying.
        input_to_quantize_commit_loss_weight: weight of the pull on the vectors, relative to that on the codes.
        commitment_weight: weight of both.
        revive_below: see `Revival`; 0 replaces no codes.
        use_decay: see `Revival`.
        index: of the stage, for the seed of what is drawn.
    """

    # Names of vector-quantize-pytorch, so that its weights load.
    def __init__(
        self,
        dim: int,
        codebook_size: int,
        frozen_codebook_dim: int | None = None,
        rotation_trick: bool = True,
        input_to_quantize_commit_loss_weight: float = 0.25,
        commitment_weight: float = 1.0,
        revive_below: float = 0.0,
        use_decay: float = 0.9,
        index: int = 0,
    ) -> None:
        super().__init__()
        width = frozen_codebook_dim or dim
        self.frozen_codebook: Tensor
        self.register_buffer("frozen_codebook", torch.randn(codebook_size, width) * width**-0.5)
        self.code_transform = nn.Linear(width, dim, bias=False)
        self.rotation_trick = rotation_trick
        self.input_weight, self.weight = input_to_quantize_commit_loss_weight, commitment_weight
        self.revival = Revival(codebook_size, revive_below, use_decay, index) if revive_below else None

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Codes `(B, L, D)` in float32, indices `(B, L)` and loss, which is zero in evaluation."""
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            revival = self.revival if self.training else None
            frozen = self.frozen_codebook
            if revival is not None:
                self._revive(revival, counted(x.detach(), mask))
                frozen = frozen.clone()  # a gradient that comes later is that of the codes of now
            codes = self._codes(frozen)
            indices = distances(x.detach(), codes.detach()).argmin(-1)
            if revival is not None:
                revival.count(counted(indices, mask))
            quantized = codes[indices]
            loss = x.new_zeros(())
            if self.training:
                pull_codes = masked_mean((x.detach() - quantized) ** 2, mask)
                pull_input = masked_mean((x - quantized.detach()) ** 2, mask)
                loss = (pull_codes + pull_input * self.input_weight) * self.weight
            passed = rotate(x, quantized) if self.rotation_trick else straight_through(x, quantized)
            return passed, indices, loss

    def lookup(self, indices: Tensor) -> Tensor:
        """Codes by index: `(...)` → `(..., D)`."""
        with torch.autocast(indices.device.type, enabled=False):
            # The whole codebook is transformed, as in `forward`: rows computed alone differ in the last bit.
            return self._codes(self.frozen_codebook)[indices]

    @torch.no_grad()
    def _revive(self, revival: Revival, rows: Tensor) -> None:
        """Replace codes by frames `(R, D)`: by what the layer makes the frames of, or comes nearest to them from."""
        if not revival.is_due:
            return
        revival.replace(self.frozen_codebook, rows @ torch.linalg.pinv(self.code_transform.weight.float()).t())

    def _codes(self, frozen: Tensor) -> Tensor:
        return frozen.float() @ self.code_transform.weight.float().t()
