"""What every bottleneck is.

Letters: B batch, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple, overload

from torch import Generator, Tensor, nn

Info = dict[str, Any]
"""What a bottleneck reports, by the names of the design documents, e.g. `kl` or `quantizer_indices`."""


class LossTerm(NamedTuple):
    """A loss that a bottleneck reports."""

    key: str
    """Where it stands in the info."""
    weight: float
    """Default weight."""
    weight_key: str
    """Name of the weight in `loss_configs.bottleneck.weights`."""

    @property
    def name(self) -> str:
        """Name in logs and reports."""
        return self.key.removeprefix("vq/") if self.key.endswith("_loss") else f"{self.key}_loss"


class Bottleneck(nn.Module, ABC):
    """Maps encoder output to latents, and latents to decoder input."""

    losses: ClassVar[tuple[LossTerm, ...]] = ()
    """What training minimises besides reconstruction."""
    is_discrete: ClassVar[bool] = False

    @overload
    def encode(self, x: Tensor, return_info: Literal[False] = False, **kwargs: Any) -> Tensor: ...
    @overload
    def encode(self, x: Tensor, return_info: Literal[True], **kwargs: Any) -> tuple[Tensor, Info]: ...
    def encode(self, x: Tensor, return_info: bool = False, **kwargs: Any) -> Tensor | tuple[Tensor, Info]:
        """Latents `(B, D, L)` of encoder output, and on request what the bottleneck reports.

        Args:
            x: encoder output, `(B, D, L)` or, for variational bottlenecks, `(B, 2D, L)`.
            return_info: return `(latents, info)`.
            kwargs: `generator` for bottlenecks that draw noise; see the type for others.
        """
        latents, info = self.forward(x, **kwargs)
        return (latents, info) if return_info else latents

    @abstractmethod
    def forward(self, x: Tensor, *, generator: Generator | None = None) -> tuple[Tensor, Info]:
        """Latents and info."""

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Decoder input of latents; the latents themselves unless the type says otherwise."""
        return latents


class DiscreteBottleneck(Bottleneck):
    """A bottleneck whose latents are made of codes.

    Args:
        num_quantizers: tokens a latent frame (K).
        codebook_size: values a token can take.
    """

    is_discrete = True
    tokens_id: ClassVar[str]
    """Where the tokens stand in the info."""

    def __init__(self, num_quantizers: int, codebook_size: int) -> None:
        super().__init__()
        self.num_quantizers = num_quantizers
        self.codebook_size = codebook_size

    @abstractmethod
    def dequantize(self, codes: Tensor) -> Tensor:
        """Latents `(B, D, L)` of codes, in the layout in which `encode` reports them."""

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Decoder input of codes, in the layout in which `encode` reports them."""
        return self.decode(self.dequantize(codes), **kwargs)
