"""What every backbone of a language model is.

Letters: B batch, S steps, D width, N condition tokens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.lm.conditions import Conditions


class LMBackbone(nn.Module, ABC):
    """A causal network over embedded tokens: no step sees a later one.

    Conditions are projected by two linear layers without biases, so that embeddings of zero stay zero: that is what
    training without conditions and guidance mean by none.

    Args:
        embed_dim: width (D).
        cross_attn_cond_dim: width of cross-attention conditions; 0 for none.
        prepend_cond_dim: width of prepended conditions; 0 for none.
        sum_cond_dim: width of conditions added to every token; 0 for none.
    """

    masks_cross = False
    """Whether padding of cross-attention conditions is hidden."""
    masks_prepend = False
    """Whether padding of prepended conditions is hidden."""

    # The attribute names are part of the checkpoint format.
    def __init__(
        self, embed_dim: int, cross_attn_cond_dim: int = 0, prepend_cond_dim: int = 0, sum_cond_dim: int = 0
    ) -> None:
        super().__init__()
        self.embed_dim = embed_dim
        if prepend_cond_dim:
            self.to_prepend_embed = _projection(prepend_cond_dim, embed_dim)
        if cross_attn_cond_dim:
            self.to_cross_attn_embed: nn.Module = _projection(cross_attn_cond_dim, embed_dim)
        if sum_cond_dim:
            self.to_sum_embed = _projection(sum_cond_dim, embed_dim)

    def project(self, conditions: Conditions) -> Conditions:
        """Conditions as wide as the backbone, those to add up as one token; done once a run.

        A mask of the result says what no step sees; None where all is seen. What a cross-attention mask hides is zero
        as well, so that an item of nothing but padding sees zeros.
        """
        cross, cross_mask = conditions.cross, _hiding(conditions.cross_mask if self.masks_cross else None)
        if cross is not None:
            cross = self.to_cross_attn_embed(cross)
            if cross_mask is not None:
                cross = cross * cross_mask[..., None].to(cross.dtype)
                cross_mask = cross_mask | ~cross_mask.any(1, keepdim=True)
        added = None if conditions.sum is None else self.to_sum_embed(conditions.sum).sum(1, keepdim=True)
        return Conditions(
            cross,
            cross_mask,
            None if conditions.prepend is None else self.to_prepend_embed(conditions.prepend),
            _hiding(conditions.prepend_mask if self.masks_prepend else None),
            added,
        )

    @abstractmethod
    def forward(self, x: Tensor, conditions: Conditions, cache: KeyValueCache | None = None) -> Tensor:
        """Transform embedded tokens.

        Args:
            x: `(B, S, D)`; with a cache the tokens behind those that it has seen.
            conditions: projected ones.
            cache: keys and values of the tokens so far, of `new_cache`; these are added.

        Returns:
            `(B, S, D)`
        """

    @abstractmethod
    def new_cache(self, steps: int, conditions: Conditions) -> KeyValueCache:
        """An empty cache for a number of steps."""

    @abstractmethod
    def cache_bytes(self, steps: int, batch_size: int, conditions: Conditions | None = None, width: int = 4) -> int:
        """Memory of a full cache.

        Args:
            steps: steps of the sequence.
            batch_size: items, doubled by guidance.
            conditions: those of the run; None for none.
            width: bytes of a number.
        """


def in_front(conditions: Conditions) -> int:
    """Condition tokens in front of the sequence."""
    return 0 if conditions.prepend is None else conditions.prepend.shape[1]


def _hiding(mask: Tensor | None) -> Tensor | None:
    """A mask that hides something; None for others."""
    return None if mask is None or bool(mask.all()) else mask


def _projection(width: int, embed_dim: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(width, embed_dim, bias=False), nn.SiLU(), nn.Linear(embed_dim, embed_dim, bias=False)
    )
