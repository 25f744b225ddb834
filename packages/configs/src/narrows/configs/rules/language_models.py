"""Rules of language models: tokenizer, pattern and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.diffusion import MIN_ROTARY_HEAD

if TYPE_CHECKING:
    from narrows.configs._generated.language_models.continuous_transformer import (
        TransformerLMConfig,
        TransformerLMOptions,
    )
    from narrows.configs._generated.models.lm import LMOptions

CONTINUOUS = {"tanh", "vae", "l2_norm", "wasserstein", "softnorm", "identity", "skip"}
"""Bottlenecks that give no tokens."""


@rule(covers="G-1")
def tokenizer_is_discrete(model: LMOptions) -> Iterator[Problem]:
    """The pretransform gives tokens: a published codec, or an autoencoder with a discrete bottleneck."""
    kind = model.pretransform.type
    if kind == "autoencoder":
        bottleneck = getattr(model.pretransform.config, "bottleneck", None)
        name = bottleneck.type if bottleneck else "none"
        if bottleneck is None or name in CONTINUOUS:
            message = f"The pretransform gives no tokens: its bottleneck is {name}."
            yield Problem("/pretransform/config/bottleneck", message, name, "For example rvq.")
    elif kind not in {"dac_pretrained", "audiocraft_pretrained"}:
        message = f"The pretransform {kind} gives no tokens."
        yield Problem("/pretransform/type", message, kind, "Use an autoencoder with a discrete bottleneck.")


@rule(covers="G-2")
def groups_split_the_codebooks(model: LMOptions) -> Iterator[Problem]:
    """The pattern `musiclm` splits the codebooks into two equal parts."""
    pattern = model.lm.codebook_pattern
    name = pattern if isinstance(pattern, str) else pattern.type
    bottleneck = getattr(model.pretransform.config, "bottleneck", None)
    counts = ("num_quantizers", "n_codebooks", "num_codebooks")
    count = next(
        (getattr(bottleneck.config, key) for key in counts if bottleneck and hasattr(bottleneck.config, key)), 0
    )
    group = 2 if isinstance(pattern, str) else getattr(pattern, "group_by", 1)
    if name == "musiclm" and count % group:
        message = f"The pattern musiclm needs a multiple of {group} codebooks, but the tokenizer has {count}."
        yield Problem("/lm/codebook_pattern", message, name, "", related=("/pretransform/config/bottleneck",))


@rule(covers="G-3")
def cross_attention_is_projected(lm: TransformerLMConfig) -> Iterator[Problem]:
    """With cross-attention, the conditions are projected."""
    if lm.cross_attention_cond_ids and not lm.config.project_cross_attn_cond:
        message = "project_cross_attn_cond must be true where cross_attention_cond_ids are given."
        pointer = "/config/project_cross_attn_cond"
        yield Problem(pointer, message, False, "Write true.", related=("/cross_attention_cond_ids",))


@rule(covers="E-13")
def head_width_divides(options: TransformerLMOptions) -> Iterator[Problem]:
    """`dim_heads` divides `embed_dim`, and is at least 32 where positions are rotary."""
    if options.embed_dim % options.dim_heads:
        message = f"dim_heads {options.dim_heads} does not divide embed_dim {options.embed_dim}."
        yield Problem("/dim_heads", message, options.dim_heads, "", related=("/embed_dim",))
    if options.rotary_pos_emb and options.dim_heads < MIN_ROTARY_HEAD:
        message = f"Heads are {options.dim_heads} wide, but rotary positions need {MIN_ROTARY_HEAD}."
        yield Problem("/dim_heads", message, options.dim_heads, "", related=("/rotary_pos_emb",))
