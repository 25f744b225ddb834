"""The transformer of stable-audio-tools as the backbone of a language model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from narrows.configs import TransformerLMConfig
from narrows.models._options import options
from narrows.models.blocks.transformer.block import TransformerBlock
from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.blocks.transformer.continuous import ContinuousTransformer
from narrows.models.blocks.transformer.stepping import steps_of
from narrows.models.lm.backbones import LMBackbone, build_lm_backbone
from narrows.models.lm.backbones.base import in_front
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.errors import LanguageModelError


class ContinuousTransformerBackbone(LMBackbone):
    """A causal `ContinuousTransformer`.

    As in the reference, cross-attention is causal too, with as few condition tokens as steps, unless a sequence has one
    step alone, and padding of conditions is seen. `full_cross_attention` shows every step all tokens but padding.

    Args:
        embed_dim: width (D).
        depth: layers.
        cross_attn_cond_dim: width of cross-attention conditions; 0 for none.
        prepend_cond_dim: width of prepended conditions; 0 for none.
        sum_cond_dim: width of conditions added to every token; 0 for none.
        full_cross_attention: see above.
        transformer: further options of `ContinuousTransformer`.
    """

    def __init__(
        self,
        embed_dim: int,
        depth: int,
        cross_attn_cond_dim: int = 0,
        prepend_cond_dim: int = 0,
        sum_cond_dim: int = 0,
        full_cross_attention: bool = False,
        **transformer: Any,
    ) -> None:
        super().__init__(embed_dim, cross_attn_cond_dim, prepend_cond_dim, sum_cond_dim)
        self.model = ContinuousTransformer(
            embed_dim,
            depth,
            dim_in=embed_dim,
            dim_out=embed_dim,
            dim_context=embed_dim if cross_attn_cond_dim else None,
            causal=True,
            **transformer,
        )
        self.full_cross_attention = self.masks_cross = full_cross_attention
        if full_cross_attention:
            for layer in self._blocks():
                if layer.cross_attn is not None:
                    layer.cross_attn.causal = False

    def forward(self, x: Tensor, conditions: Conditions, cache: KeyValueCache | None = None) -> Tensor:
        """See `LMBackbone.forward`."""
        steps = x.shape[1]
        if conditions.sum is not None:
            x = x + conditions.sum
        if cache is not None and cache.held is not None:
            x, cache.held = torch.cat((cache.held, x), dim=1), None
        started = cache is not None and cache.position > 0
        out: Tensor = self.model(
            x,
            prepend=None if started else conditions.prepend,
            context=conditions.cross,
            context_valid=conditions.cross_mask,
            cache=cache,
        )[0]
        if cache is not None and cache.position == 1 and self._first_step_is_special(conditions):
            cache.position, cache.held = 0, x
        return out[:, -steps:]

    def new_cache(self, steps: int, conditions: Conditions) -> KeyValueCache:
        """See `LMBackbone.new_cache`."""
        cache = KeyValueCache(len(self.model.layers), self._capacity(steps, conditions))
        if self.model.sliding_window is None:
            cache.steps = steps_of(self.model.layers)
        return cache

    def cache_bytes(self, steps: int, batch_size: int, conditions: Conditions | None = None, width: int = 4) -> int:
        """See `LMBackbone.cache_bytes`."""
        conditions = conditions or Conditions()
        context = 0 if conditions.cross is None else conditions.cross.shape[1]
        tokens = self._capacity(steps, conditions)
        count = 0
        for layer in self._blocks():
            sets = 3 if layer.self_attn.differential else 2
            count += sets * (tokens + (context if layer.cross_attn is not None else 0))
        return count * self.embed_dim * batch_size * width

    def _blocks(self) -> list[TransformerBlock]:
        return list(self.model.layers)  # type: ignore[arg-type]

    def _capacity(self, steps: int, conditions: Conditions) -> int:
        return steps + in_front(conditions) + self.model.num_memory_tokens

    def _first_step_is_special(self, conditions: Conditions) -> bool:
        """Whether a sequence of one step sees conditions that it does not see as part of a longer one."""
        return not self.full_cross_attention and conditions.cross is not None and conditions.cross.shape[1] > 1


@build_lm_backbone.register
def _(config: TransformerLMConfig) -> ContinuousTransformerBackbone:
    given = options(config)
    given.pop("project_cross_attn_cond")  # a rule asks for it where it matters
    given.pop("conformer")  # a rule refuses it
    remove_norms = given.pop("remove_norms")
    if given["ff_kwargs"].pop("dim_out") not in (None, config.config.embed_dim):
        raise LanguageModelError("ff_kwargs.dim_out must be null or embed_dim: the output is added to the input")
    return ContinuousTransformerBackbone(
        full_cross_attention=config.cross_attention == "full",
        norm_type="dyt" if remove_norms else "layer_norm",
        **given,
    )
