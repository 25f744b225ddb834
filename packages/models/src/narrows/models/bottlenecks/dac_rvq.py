"""The quantizer of the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546) as a bottleneck."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Generator, Tensor

from narrows.configs import DACRVQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.dac import CodeTraining, DACResidualQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info, append_noise

CODEBOOK = LossTerm("vq/codebook_loss", 1.0, "codebook")
COMMITMENT = LossTerm("vq/commitment_loss", 0.25, "commitment")


class DACRVQBottleneck(DiscreteBottleneck):
    """Quantizes each latent frame by a sum of projected codes; codebooks are trained by gradient.

    Reports `codes` `(B, K, L)`, `z` (the latents), `latents` (what each stage searched), `pre_quantizer`,
    `vq/codebook_loss` and `vq/commitment_loss`; with `quantize_on_decode` only `pre_quantizer`.

    Args:
        n_codebooks: stages.
        codebook_size: codes of each stage.
        quantize_on_decode: leave latents continuous on encode and quantize on decode.
        input_dim: latent channels.
        codebook_dim: channels in which codes are searched.
        quantizer_dropout: share of a training batch that uses a random number of stages.
        noise_augment_dim: noise channels appended on decode.
        rotation_trick: pass gradients by rotation (Fifty et al. 2024).
        linear_codebook: frozen codes behind a trained linear layer (SimVQ, Zhu et al. 2024).
        revive_below: replace codes whose share of the frames falls below this part of an even share; 0 never does.
        use_decay: of the moving shares.
        average_decay: of codes that are moving averages of the frames that choose them; 0 trains them by gradient.
    """

    losses: tuple[LossTerm, ...] = (CODEBOOK, COMMITMENT)
    info_keys = ("pre_quantizer", "z", "codes", "latents")
    tokens_id = "codes"
    is_residual = True

    def __init__(
        self,
        n_codebooks: int,
        codebook_size: int,
        quantize_on_decode: bool = False,
        input_dim: int = 512,
        codebook_dim: int | Sequence[int] = 8,
        quantizer_dropout: float = 0.0,
        noise_augment_dim: int = 0,
        rotation_trick: bool = False,
        linear_codebook: bool = False,
        revive_below: float = 0.0,
        use_decay: float = 0.9,
        average_decay: float = 0.0,
    ) -> None:
        super().__init__(n_codebooks, codebook_size)
        training = CodeTraining(rotation_trick, linear_codebook, revive_below, use_decay, average_decay)
        self.quantizer = DACResidualQuantizer(
            n_codebooks, codebook_size, input_dim, codebook_dim, quantizer_dropout, training
        )
        self.quantize_on_decode = quantize_on_decode
        self.noise_augment_dim = noise_augment_dim
        if quantize_on_decode:
            self.losses = tuple(term for term in self.losses if not term.key.startswith("vq/"))

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; exactly `n_quantizers` codes a frame where it is given."""
        if self.quantize_on_decode:
            return x, {"pre_quantizer": x}
        result = self.quantizer(x, n_quantizers, mask, generator)
        return result.latents, {
            "pre_quantizer": x,
            "z": result.latents,
            "codes": result.codes,
            "latents": result.projected,
            "vq/commitment_loss": result.commitment,
            "vq/codebook_loss": result.codebook,
        }

    def decode(self, latents: Tensor, *, generator: Generator | None = None, n_quantizers: int | None = None) -> Tensor:
        """Decoder input: quantized here with `quantize_on_decode`, and the noise channels appended."""
        if self.quantize_on_decode:
            latents = self.quantizer(latents, n_quantizers, None, generator).latents
        return append_noise(latents, self.noise_augment_dim, generator)

    def decode_tokens(self, codes: Tensor, *, generator: Generator | None = None) -> Tensor:  # type: ignore[override]
        """Decoder input of codes `(B, K, L)`; they are quantized already."""
        return append_noise(self.dequantize(codes), self.noise_augment_dim, generator)

    def _dequantize(self, tokens: Tensor) -> Tensor:
        return self.quantizer.dequantize(tokens)


@build_bottleneck.register
def _(config: DACRVQBottleneckConfig) -> DACRVQBottleneck:
    return DACRVQBottleneck(**options(config))
