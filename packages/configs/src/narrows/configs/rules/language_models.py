"""Rules of language models: tokenizer, pattern and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.diffusion import MIN_ROTARY_HEAD

if TYPE_CHECKING:
    from pydantic import BaseModel

    from narrows.configs._generated.language_models.continuous_transformer import (
        TransformerLMConfig,
        TransformerLMOptions,
    )
    from narrows.configs._generated.language_models.masked import MaskedLMOptions
    from narrows.configs._generated.language_models.musicgen import MusicGenLMConfig, MusicGenLMOptions
    from narrows.configs._generated.language_models.x_transformers import XTransformersLMConfig
    from narrows.configs._generated.models.lm import LMConfig, LMOptions

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
    elif kind not in {"dac_pretrained", "audiocraft_pretrained", "transformers"}:
        message = f"The pretransform {kind} gives no tokens."
        yield Problem("/pretransform/type", message, kind, "Use an autoencoder with a discrete bottleneck.")


@rule(covers="G-2")
def pattern_fits_the_codebooks(model: LMOptions) -> Iterator[Problem]:
    """The options of the codebook pattern fit the tokenizer's codebooks and each other."""
    pattern, count = getattr(model.lm, "codebook_pattern", None), codebooks(model)
    if pattern is None or count is None:
        return
    for mistake in pattern_mistakes(pattern, count):
        place = "" if isinstance(pattern, str) or mistake.key == "type" else f"/{mistake.key}"
        yield Problem(
            f"/lm/codebook_pattern{place}",
            mistake.message,
            mistake.value,
            mistake.hint,
            related=("/pretransform/config/bottleneck",),
        )


class Mistake(NamedTuple):
    """What is wrong with an option of a pattern."""

    key: str
    message: str
    value: Any
    hint: str = ""


def pattern_mistakes(pattern: BaseModel | str, count: int) -> Iterator[Mistake]:
    """What is wrong with a pattern for a number of codebooks."""
    name = pattern if isinstance(pattern, str) else pattern.type  # type: ignore[attr-defined]
    group = 2 if isinstance(pattern, str) else getattr(pattern, "group_by", 1)
    if name == "musiclm" and count % group:
        yield Mistake(
            "type", f"The pattern musiclm needs a multiple of {group} codebooks, but the tokenizer has {count}.", name
        )
    if name == "coarse_first" and count < 2:
        yield Mistake("type", "The pattern coarse_first needs at least 2 codebooks.", name, "Write parallel.")
        return
    if isinstance(pattern, str):
        return
    expected = count - 1 if name == "coarse_first" else count
    for key in ("delays", "flattening"):
        values = getattr(pattern, key, None)
        if values is not None and len(values) != expected:
            but = "all codebooks but the first" if name == "coarse_first" else "the codebooks of the tokenizer"
            yield Mistake(key, f"{len(values)} {key}, but there must be {expected}, one for each of {but}.", values)
        elif values is not None and sorted(values) != values:
            yield Mistake(key, f"The {key} must not fall.", values, f"For example {sorted(values)}.")
    yield from _steps_agree(pattern)


def _steps_agree(pattern: BaseModel) -> Iterator[Mistake]:
    """Codebooks of one inner step of `unroll` have one delay."""
    flattening, delays = getattr(pattern, "flattening", None), getattr(pattern, "delays", None)
    if flattening is None or delays is None or len(flattening) != len(delays):
        return
    of_step: dict[int, int] = {}
    for step, delay in zip(flattening, delays, strict=True):
        if of_step.setdefault(step, delay) != delay:
            message = f"Codebooks of inner step {step} must have one delay, but have {of_step[step]} and {delay}."
            yield Mistake("delays", message, delays, "Give them one delay, or different steps in flattening.")
            return


def codebooks(model: LMOptions) -> int | None:
    """Tokens a frame of the tokenizer; None where only its weights say it."""
    bottleneck = getattr(model.pretransform.config, "bottleneck", None)
    counts = ("num_quantizers", "n_codebooks", "num_codebooks")
    if bottleneck is None:
        return None
    count = next((getattr(bottleneck.config, key) for key in counts if hasattr(bottleneck.config, key)), None)
    return None if count is None else count * getattr(bottleneck.config, "groups", 1)


def codebook_size(model: LMOptions) -> int | None:
    """Values of a token of the tokenizer; None where only its weights say it."""
    bottleneck = getattr(model.pretransform.config, "bottleneck", None)
    if bottleneck is None:
        return None
    size, levels = getattr(bottleneck.config, "codebook_size", None), getattr(bottleneck.config, "levels", None)
    if isinstance(levels, list):
        return prod(levels)
    if isinstance(levels, int):
        return int(levels ** getattr(bottleneck.config, "dim", 1))
    return size if isinstance(size, int) else None


@rule
def no_layer_sees_the_future(options: TransformerLMOptions) -> Iterator[Problem]:
    """A language model must not see the tokens that it learns to predict: no convolutions or means over tokens."""
    found = (
        ("/conformer", options.conformer, "convolves over 8 later tokens"),
        ("/ff_kwargs/use_conv", options.ff_kwargs.use_conv, "convolves over later tokens"),
        ("/attn_kwargs/feat_scale", options.attn_kwargs.feat_scale, "takes a mean over all tokens"),
    )
    for pointer, on, does in found:
        if on:
            name = pointer.rpartition("/")[2]
            message = f"{name} {does}: the model would read its answers off its input."
            yield Problem(pointer, message, True, "Write false.")


@rule
def end_needs_a_pattern_in_order(
    lm: TransformerLMConfig | XTransformersLMConfig | MusicGenLMConfig,
) -> Iterator[Problem]:
    """With an end token, frames are predicted in their order: coarse_first and musiclm need the length beforehand."""
    pattern = lm.codebook_pattern
    name = pattern if isinstance(pattern, str) else pattern.type
    if lm.end_token and name in {"coarse_first", "musiclm"}:
        message = f"The pattern {name} predicts all frames of a codebook first and must know the length beforehand."
        yield Problem("/end_token", message, True, "Use delay, parallel or unroll.", related=("/codebook_pattern",))


@rule
def depth_needs_one_frame_a_step(
    lm: TransformerLMConfig | XTransformersLMConfig | MusicGenLMConfig,
) -> Iterator[Problem]:
    """A depth transformer works on the tokens of a step, so steps hold one token of every codebook."""
    pattern = lm.codebook_pattern
    name = pattern if isinstance(pattern, str) else pattern.type
    if lm.depth is not None and name not in {"parallel", "delay"}:
        message = f"The pattern {name} has steps without tokens of some codebooks."
        yield Problem("/depth", message, None, "Use parallel, or delay.", related=("/codebook_pattern",))
    if lm.depth is not None and lm.depth.dim % lm.depth.dim_heads:
        message = f"dim_heads {lm.depth.dim_heads} does not divide dim {lm.depth.dim}."
        yield Problem("/depth/dim_heads", message, lm.depth.dim_heads, "", related=("/depth/dim",))


@rule
def demo_draws_from_the_codebook(config: LMConfig) -> Iterator[Problem]:
    """Demos do not ask for more of the likeliest tokens than there are; the default is cut to the codebook."""
    if config.training is None:
        return
    demo = config.training.demo
    size, top_k = codebook_size(config.model), demo.top_k
    if size is not None and top_k > size and top_k != type(demo).model_fields["top_k"].default:
        message = f"top_k is {top_k}, but a codebook has {size} codes."
        yield Problem("/training/demo/top_k", message, top_k, f"Write at most {size}, or 0 for all.")


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


@rule
def musicgen_heads_divide_the_width(options: MusicGenLMOptions | MaskedLMOptions) -> Iterator[Problem]:
    """`heads` divides `embed_dim`."""
    if options.embed_dim % options.heads:
        message = f"{options.heads} heads do not divide embed_dim {options.embed_dim}."
        yield Problem("/heads", message, options.heads, "", related=("/embed_dim",))


@rule
def decoding_has_codebooks_for_its_steps(model: LMOptions) -> Iterator[Problem]:
    """`decoding.steps` of a masked model has no more numbers than there are codebooks; the default is cut to them."""
    decoding, count = getattr(model.lm, "decoding", None), codebooks(model)
    if decoding is None or count is None or len(decoding.steps) <= count:
        return
    if "steps" in decoding.model_fields_set:
        message = f"{len(decoding.steps)} steps for {count} codebooks."
        related = ("/pretransform/config/bottleneck",)
        yield Problem("/lm/decoding/steps", message, decoding.steps, f"Give at most {count}.", related=related)


@rule
def each_codebook_has_a_weight(config: LMConfig) -> Iterator[Problem]:
    """`training.codebook_weights` has one weight for each codebook, and one of them is above 0."""
    weights = config.training.codebook_weights if config.training is not None else None
    count = codebooks(config.model)
    if weights is None:
        return
    if count is not None and len(weights) != count:
        message = f"{len(weights)} weights for {count} codebooks."
        related = ("/model/pretransform/config/bottleneck",)
        yield Problem("/training/codebook_weights", message, weights, f"Give {count}.", related=related)
    if not any(weights):
        message = "All weights are 0, so there is nothing to learn."
        yield Problem("/training/codebook_weights", message, weights, "Leave it out for equal ones.")
