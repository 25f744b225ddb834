"""A small transformer over the codebooks of a step (Défossez et al. 2024, Moshi, arXiv 2410.00037).

Letters: B batch, K codebooks, S steps, D width of the backbone, E width of this transformer, V tokens of a head.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.transformer.block import TransformerBlock
from narrows.models.blocks.transformer.cache import KeyValueCache


class DepthTransformer(nn.Module):
    """Predicts the tokens of a step in the order of the codebooks, each from those before it.

    Args:
        embed_dim: width of the backbone (D).
        codebooks: tokens of a step (K).
        codebook_size: values of a token.
        end_token: whether the first codebook has one class more.
        dim: width (E).
        depth: layers.
        dim_heads: width of a head.
        ff_mult: inner width of the feed-forward layers, as a multiple.
        shared_weights: one set of layers for all codebooks; false for one a codebook.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        embed_dim: int,
        codebooks: int,
        codebook_size: int,
        end_token: bool = False,
        dim: int = 256,
        depth: int = 2,
        dim_heads: int = 64,
        ff_mult: float = 4,
        shared_weights: bool = True,
    ) -> None:
        super().__init__()
        self.codebooks = codebooks
        self.classes = codebook_size + end_token
        self.inputs = nn.ModuleList(nn.Linear(embed_dim, dim, bias=False) for _ in range(codebooks))
        self.embeds = nn.ModuleList(nn.Embedding(codebook_size + 1, dim) for _ in range(codebooks - 1))
        self.positions = nn.Parameter(0.02 * torch.randn(codebooks, dim))
        sets = 1 if shared_weights else codebooks
        self.layers = nn.ModuleList(
            nn.ModuleList(
                TransformerBlock(dim, dim_heads=dim_heads, causal=True, ff_kwargs={"mult": ff_mult})
                for _ in range(depth)
            )
            for _ in range(sets)
        )
        self.norm = nn.LayerNorm(dim)
        self.heads = nn.ModuleList(nn.Linear(dim, codebook_size + (end_token and k == 0)) for k in range(codebooks))

    def forward(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Logits of the tokens of the following steps, each given those before it.

        Args:
            hidden: `(B, S, D)` of the backbone.
            tokens: `(B, K, S)` of the step behind each step.

        Returns:
            `(B, K, S, V)`
        """
        batch, steps, _ = hidden.shape
        before = [self._input(k, hidden, tokens[:, k - 1] if k else None) for k in range(self.codebooks)]
        x = torch.stack(before, dim=2).flatten(0, 1)  # (B * S, K, E)
        if len(self.layers) == 1:
            for layer in self._layers(0):
                x = layer(x)
            outputs = list(x.unbind(1))
        else:
            cache = self._cache()
            outputs = [self._through(k, x[:, k], cache) for k in range(self.codebooks)]
        logits = [self._logits(k, y) for k, y in enumerate(outputs)]
        return torch.unflatten(torch.stack(logits, dim=1), 0, (batch, steps)).transpose(1, 2)

    def draw(self, hidden: Tensor, choose: Callable[[int, Tensor], Tensor]) -> Tensor:
        """Tokens `(B, K)` of one step, one after the other.

        Args:
            hidden: `(B, D)` of the backbone.
            choose: from a codebook and logits `(B, V)` to the tokens `(B,)` that count, known ones included.
        """
        cache, tokens = self._cache(), list[Tensor]()
        for k in range(self.codebooks):
            x = self._input(k, hidden[:, None], tokens[-1][:, None] if tokens else None)[:, 0]
            tokens.append(choose(k, self._logits(k, self._through(k, x, cache))))
        return torch.stack(tokens, dim=1)

    def _input(self, k: int, hidden: Tensor, token: Tensor | None) -> Tensor:
        x: Tensor = self.inputs[k](hidden) + self.positions[k]
        return x if token is None else x + self.embeds[k - 1](token)

    def _cache(self) -> KeyValueCache:
        return KeyValueCache(len(self._layers(0)), self.codebooks)

    def _layers(self, k: int) -> list[TransformerBlock]:
        """The layers of a codebook."""
        return list(cast("nn.ModuleList", self.layers[k % len(self.layers)]))  # type: ignore[arg-type]

    def _through(self, k: int, x: Tensor, cache: KeyValueCache) -> Tensor:
        """One token through the layers of its codebook: `(B, E)`."""
        x = x[:, None]
        for layer, kept in zip(self._layers(k), cache.layers, strict=True):
            x = layer(x, cache=kept)
        cache.position += 1
        return x[:, 0]

    def _logits(self, k: int, x: Tensor) -> Tensor:
        logits: Tensor = self.heads[k](self.norm(x))
        missing = self.classes - logits.shape[-1]
        return F.pad(logits, (0, missing), value=torch.finfo(logits.dtype).min / 4) if missing else logits
