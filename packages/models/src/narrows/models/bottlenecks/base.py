"""The base classes of bottlenecks.

Letters: B batch, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple, overload

import torch
from torch import Generator, Tensor, nn

from narrows.models.blocks.frame_noise import frame_gaussian

Info = dict[str, Any]
"""Values that a bottleneck reports, by the names of the design documents, e.g. `kl` or `quantizer_indices`."""


class LossTerm(NamedTuple):
    """A loss that a bottleneck reports."""

    key: str
    """Its key in the info."""
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

    losses: tuple[LossTerm, ...] = ()
    """Losses that training minimises besides reconstruction; empty where an option leaves nothing to minimise."""
    info_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that `encode` reports besides its losses."""
    is_discrete: ClassVar[bool] = False

    @property
    def whole_clip(self) -> str | None:
        """Why `decode` must see the whole clip at once; None where it works on each frame alone."""
        return None

    @overload
    def encode(self, x: Tensor, return_info: Literal[False] = False, **kwargs: Any) -> Tensor: ...
    @overload
    def encode(self, x: Tensor, return_info: Literal[True], **kwargs: Any) -> tuple[Tensor, Info]: ...
    def encode(self, x: Tensor, return_info: bool = False, **kwargs: Any) -> Tensor | tuple[Tensor, Info]:
        """Latents `(B, D, L)` of encoder output, and on request the info.

        Args:
            x: encoder output, `(B, D, L)` or, for variational bottlenecks, `(B, 2D, L)`.
            return_info: return `(latents, info)`.
            kwargs: `generator` (source of all draws; with one, noise is drawn frame by frame, so that whole clips,
                chunks and streams get the same, see `narrows.models.blocks.frame_noise`), `mask` (`(B, L)`, false
                where frames are padding: they count in no loss and no statistic), and further options of the type,
                e.g. `n_quantizers`.
        """
        if x.dim() != 3:
            raise ValueError(f"A bottleneck takes (batch, channels, frames), got {tuple(x.shape)}")
        latents, info = self.forward(x, **kwargs)
        return (latents, info) if return_info else latents

    @abstractmethod
    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """Latents and info."""

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Decoder input of latents; the latents themselves unless the type says otherwise."""
        return latents


class DiscreteBottleneck(Bottleneck):
    """A bottleneck whose latents are made of codes.

    Tokens come in two layouts:

    - **uniform**: `(B, K, L)`, int64, codebooks in the order of refinement, the same for every type: `tokens` takes it
      out of the info, `dequantize` makes latents of it;
    - **reported**: the tokens in the info under `tokens_id`. It is the layout of stable-audio-tools, which differs
      from type to type (`frames_first`); `decode_tokens` takes it.

    Every token is from 0 to `codebook_size - 1`. Fewer codebooks than K are fewer tokens, never a filler: `encode(x,
    n_quantizers=k)` of the residual types gives exactly k, in training too, and both decoding methods take any number
    from 1 to K (of the residual types).

    Args:
        num_quantizers: tokens a latent frame (K).
        codebook_size: values a token can take.
    """

    is_discrete = True
    is_residual: ClassVar[bool] = False
    """Whether the first k codebooks give a coarser version of the latents."""
    tokens_id: ClassVar[str] = "quantizer_indices"
    """Key of the tokens in the info."""
    frames_first: ClassVar[bool] = False
    """Whether the reported layout is `(B, L, K)`."""

    def __init__(self, num_quantizers: int, codebook_size: int) -> None:
        super().__init__()
        self.num_quantizers = num_quantizers
        self.codebook_size = codebook_size

    def tokens(self, info: Info) -> Tensor:
        """Tokens `(B, K, L)`, int64, of what `encode` reported."""
        if self.tokens_id not in info:
            raise ValueError(f"The info has no {self.tokens_id!r}: this bottleneck quantizes on decode")
        return self._other_layout(info[self.tokens_id])

    def dequantize(self, tokens: Tensor) -> Tensor:
        """Latents `(B, D, L)` of tokens `(B, K, L)`.

        Raises:
            ValueError: the tokens are not integers, out of range, or of another number of codebooks.
        """
        if tokens.is_floating_point() or tokens.dim() != 3:
            raise ValueError(f"Tokens must be integers of shape (batch, codebooks, frames), got {_describe(tokens)}")
        count, least = tokens.shape[1], 1 if self.is_residual else self.num_quantizers
        if not least <= count <= self.num_quantizers:
            wanted = f"from 1 to {self.num_quantizers}" if self.is_residual else str(self.num_quantizers)
            raise ValueError(f"Tokens must have {wanted} codebooks, got {count} in {_describe(tokens)}")
        if not torch.compiler.is_compiling() and tokens.numel() > 0:
            lowest, highest = int(tokens.min()), int(tokens.max())
            if lowest < 0 or highest >= self.codebook_size:
                raise ValueError(f"Tokens must be from 0 to {self.codebook_size - 1}, got {lowest} to {highest}")
        return self._dequantize(tokens.long())

    def decode_tokens(self, codes: Tensor, **kwargs: Any) -> Tensor:
        """Decoder input of codes, in the layout in which `encode` reports them."""
        return self.decode(self.dequantize(self._other_layout(codes)), **kwargs)

    @abstractmethod
    def _dequantize(self, tokens: Tensor) -> Tensor:
        """Latents of tokens `(B, k, L)` that have been checked."""

    def _other_layout(self, codes: Tensor) -> Tensor:
        return codes.transpose(1, 2) if self.frames_first else codes


def append_noise(latents: Tensor, channels: int, generator: Generator | None = None) -> Tensor:
    """Append channels of Gaussian noise: `(B, D, L)` → `(B, D + channels, L)`."""
    if channels == 0:
        return latents
    shape = (latents.shape[0], channels, latents.shape[-1])
    noise = torch.randn(shape) if generator is None else frame_gaussian(torch.empty(shape), generator)
    return torch.cat([latents, noise.to(latents)], dim=1)


def _describe(x: Tensor) -> str:
    return f"{str(x.dtype).removeprefix('torch.')} {tuple(x.shape)}"
