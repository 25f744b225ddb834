"""Vector quantization (van den Oord et al. 2017) with the options of vector-quantize-pytorch."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.draws import permutation, uniform
from narrows.models.blocks.quantizers.codebook import Codebook
from narrows.models.blocks.quantizers.gradients import rotate, straight_through
from narrows.models.blocks.quantizers.losses import counted, entropy, masked_mean, orthogonality


class VectorQuantizer(nn.Module):
    """Replaces each vector by the nearest code of one codebook.

    Args:
        codebook: shared by several quantizers where one codebook serves all stages.
        commitment_weight: weight of the distance between vectors and codes.
        commitment_use_cross_entropy_loss: take the cross entropy of the distances instead of the squared distance.
        orthogonal_reg_weight: weight of the codes' mutual cosines (Shin et al. 2021).
        orthogonal_reg_active_codes_only: only between codes that the batch uses.
        orthogonal_reg_max_codes: at most so many codes, drawn at random.
        codebook_diversity_loss_weight: weight of the negative entropy of the average assignment.
        codebook_diversity_temperature: factor of the similarities in that assignment.
        stochastic_sample_codes: in training, sample codes by similarity.
        sample_codebook_temp: temperature of the sampling.
        freeze_codebook: stop all updates.
        learnable_codebook: train the codes by the gradient of the commitment.
        rotation_trick: pass gradients by rotation instead of copying.
    """

    # `_codebook` is part of the checkpoint format.
    def __init__(
        self,
        codebook: Codebook,
        commitment_weight: float = 1.0,
        commitment_use_cross_entropy_loss: bool = False,
        orthogonal_reg_weight: float = 0.0,
        orthogonal_reg_active_codes_only: bool = False,
        orthogonal_reg_max_codes: int | None = None,
        codebook_diversity_loss_weight: float = 0.0,
        codebook_diversity_temperature: float = 100.0,
        stochastic_sample_codes: bool = False,
        sample_codebook_temp: float = 1.0,
        freeze_codebook: bool = False,
        learnable_codebook: bool = False,
        rotation_trick: bool = False,
    ) -> None:
        super().__init__()
        self._codebook = codebook
        self.commitment_weight = commitment_weight
        self.cross_entropy = commitment_use_cross_entropy_loss
        self.orthogonal_weight = orthogonal_reg_weight
        self.orthogonal_active_only = orthogonal_reg_active_codes_only
        self.orthogonal_max_codes = orthogonal_reg_max_codes
        self.diversity_weight = codebook_diversity_loss_weight
        self.diversity_temperature = codebook_diversity_temperature
        self.stochastic, self.temperature = stochastic_sample_codes, sample_codebook_temp
        self.freeze, self.learnable = freeze_codebook, learnable_codebook
        self.rotation_trick = rotation_trick

    def forward(
        self, x: Tensor, mask: Tensor | None = None, generator: Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Quantize.

        Args:
            x: `(B, L, D)`.
            mask: `(B, L)`, false where frames are padding: they count in no loss and no statistic.
            generator: source of all draws.

        Returns:
            Codes `(B, L, D)` in float32 (the search is never done in less), indices `(B, L)`, and the loss, zero in
            evaluation.
        """
        with torch.autocast(x.device.type, enabled=False):
            x = F.normalize(x.float(), dim=-1) if self._codebook.cosine else x.float()
            if self.training and not self.freeze:
                self._codebook.start(counted(x, mask), generator)
            indices, similarity = self._search(x, generator)
            codes = self._codebook.lookup(indices)
            quantized = rotate(x, codes) if self.rotation_trick else straight_through(x, codes)
            if not self.training:
                return quantized, indices, x.new_zeros(())
            # The commitment is to the codes before this call moves them.
            loss = self._commitment(x, codes, indices, similarity, mask)
            if self._codebook.ema and not self.freeze:
                self._codebook.update(counted(x, mask), counted(indices, mask), generator)
            return quantized, indices, loss + self._regularization(similarity, indices, mask, generator)

    def _search(self, x: Tensor, generator: Generator | None) -> tuple[Tensor, Tensor | None]:
        """The code of each vector; also the similarities to all codes `(B, L, N)`, where something else needs them."""
        needs_graph = self.training and (self.cross_entropy or self.diversity_weight > 0)
        samples = self.training and self.stochastic
        if not needs_graph and not samples:
            return self._codebook.nearest(x.detach()), None
        with torch.set_grad_enabled(needs_graph and torch.is_grad_enabled()):
            # A copy, since an update writes to the codes before the gradient is taken.
            similarity = self._codebook.similarity(x, copy=needs_graph)
        choice = similarity.detach()
        if samples:
            noise = uniform(choice, generator)
            gumbel = -torch.log((-torch.log(noise.clamp(min=1e-20))).clamp(min=1e-20))
            choice = choice / self.temperature + gumbel
        return choice.argmax(-1), similarity

    def _commitment(
        self, x: Tensor, codes: Tensor, indices: Tensor, similarity: Tensor | None, mask: Tensor | None
    ) -> Tensor:
        if self.commitment_weight == 0:
            return x.new_zeros(())
        if self.cross_entropy and similarity is not None:
            each = F.cross_entropy(similarity.transpose(1, 2), indices, reduction="none")
        else:
            target = codes if self.learnable and not self.freeze else codes.detach()
            each = (x - target) ** 2
        return masked_mean(each, mask) * self.commitment_weight

    def _regularization(
        self, similarity: Tensor | None, indices: Tensor, mask: Tensor | None, generator: Generator | None
    ) -> Tensor:
        loss = torch.zeros((), device=indices.device)
        if self.diversity_weight > 0 and similarity is not None:
            assigned = (counted(similarity, mask) * self.diversity_temperature).softmax(-1).mean(0)
            loss = loss - entropy(assigned) * self.diversity_weight
        if self.orthogonal_weight > 0:
            codes = self._codebook.codes
            if self.orthogonal_active_only:
                codes = codes[torch.unique(counted(indices, mask))]
            if self.orthogonal_max_codes is not None and len(codes) > self.orthogonal_max_codes:
                codes = codes[permutation(codes, generator)[: self.orthogonal_max_codes]]
            loss = loss + orthogonality(codes) * self.orthogonal_weight
        return loss
