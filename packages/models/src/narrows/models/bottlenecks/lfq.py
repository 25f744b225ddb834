"""Lookup-free quantization (Yu et al. 2023, arXiv 2310.05737): each channel keeps its sign."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.configs import LFQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.binary import BinaryQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER
from narrows.models.kernels import Kernel, product


class LFQBottleneck(DiscreteBottleneck):
    """Quantizes each channel to its sign; `log2(codebook_size)` channels make a token.

    Reports `quantizer_indices`, `(B, K, L)`, and `quantizer_loss`.

    Args:
        codebook_size: values of a token, a power of 2.
        dim: latent channels; None means one a bit, another number adds linear projections.
        num_codebooks: codebooks side by side.
        codebook_scale: absolute value of a code.
        spherical: codes and vectors of length `codebook_scale` (binary spherical quantization).
        entropy_loss_weight: see `BinaryQuantizer`, as the six that follow.
        diversity_gamma: share of diversity in the entropy term.
        commitment_loss_weight: weight of the commitment.
        frac_per_sample_entropy: share of frames in the entropy term.
        inv_temperature: sharpness of its soft assignment.
        experimental_softplus_entropy_loss: keep it positive.
        entropy_loss_offset: offset before the softplus.
        soft_clamp_input_value: bound the input softly.
        projection_has_bias: bias of the projections.
        cosine_sim_project_in: make the input projection one of cosines, times `codebook_scale`.
    """

    losses: tuple[LossTerm, ...] = (QUANTIZER,)
    info_keys = ("quantizer_indices",)

    def __init__(
        self,
        codebook_size: int,
        dim: int | None = None,
        num_codebooks: int = 1,
        codebook_scale: float = 1.0,
        spherical: bool = False,
        entropy_loss_weight: float = 0.1,
        diversity_gamma: float = 1.0,
        commitment_loss_weight: float = 0.0,
        frac_per_sample_entropy: float = 1.0,
        inv_temperature: float = 100.0,
        experimental_softplus_entropy_loss: bool = False,
        entropy_loss_offset: float = 5.0,
        soft_clamp_input_value: float | None = None,
        projection_has_bias: bool = True,
        cosine_sim_project_in: bool = False,
    ) -> None:
        bits = codebook_size.bit_length() - 1
        if codebook_size != 2**bits or bits == 0:
            raise ValueError(f"codebook_size must be a power of 2, got {codebook_size}")
        super().__init__(num_codebooks, codebook_size)
        inside = bits * num_codebooks
        outside = dim or inside
        self.project_in: nn.Module = nn.Identity()
        self.project_out: nn.Module = nn.Identity()
        if outside != inside:
            cosine, bias = cosine_sim_project_in, projection_has_bias
            self.project_in = Cosines(outside, inside, codebook_scale) if cosine else nn.Linear(outside, inside, bias)
            self.project_out = nn.Linear(inside, outside, bias)
        self.soft_clamp = soft_clamp_input_value
        self.quantizer = BinaryQuantizer(
            bits,
            codebook_scale,
            spherical,
            entropy_loss_weight,
            diversity_gamma,
            commitment_loss_weight,
            frac_per_sample_entropy,
            inv_temperature,
            experimental_softplus_entropy_loss,
            entropy_loss_offset,
        )

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`."""
        projected: Tensor = self.project_in(x.transpose(1, 2))
        with torch.autocast(x.device.type, enabled=False):
            wide = projected.float()
            if self.soft_clamp is not None:
                wide = torch.tanh(wide / self.soft_clamp) * self.soft_clamp
            results = [self.quantizer(part, mask, generator) for part in wide.chunk(self.num_quantizers, dim=-1)]
        codes = torch.cat([result[0] for result in results], dim=-1)
        indices = torch.stack([result[1] for result in results], dim=1)
        loss = torch.stack([result[2] for result in results]).mean()
        latents: Tensor = self.project_out(codes.to(projected.dtype))
        return latents.transpose(1, 2), {"quantizer_indices": indices, "quantizer_loss": loss}

    def _dequantize(self, tokens: Tensor) -> Tensor:
        codes = self.quantizer.codes(tokens).transpose(1, 2).flatten(-2)
        if isinstance(self.project_out, nn.Linear):
            codes = codes.to(self.project_out.weight.dtype)
        latents: Tensor = self.project_out(codes)
        return latents.transpose(1, 2)


class Cosines(nn.Module):
    """Cosines of vectors with learned directions, times a scale.

    Args:
        inputs: width of the vectors.
        outputs: number of directions.
        scale: largest absolute value of the result.
    """

    def __init__(self, inputs: int, outputs: int, scale: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs))
        self.scale = scale

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`."""
        return [product(*self.weight.shape)]

    def forward(self, x: Tensor) -> Tensor:
        """`(..., inputs)` → `(..., outputs)`."""
        return F.normalize(x, dim=-1) @ F.normalize(self.weight, dim=0).to(x.dtype) * self.scale


@build_bottleneck.register
def _(config: LFQBottleneckConfig) -> LFQBottleneck:
    return LFQBottleneck(**options(config))
