"""Rules of single encoders and decoders: lists of one length, widths that fit, options that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.roles import option

if TYPE_CHECKING:
    from narrows.configs._generated.decoders.dac import DacDecoderConfig, DacDecoderOptions
    from narrows.configs._generated.decoders.local_attn import LocalAttnDecoderOptions
    from narrows.configs._generated.decoders.oobleck import OobleckDecoderConfig, OobleckDecoderOptions
    from narrows.configs._generated.decoders.seanet import SeanetDecoderOptions
    from narrows.configs._generated.decoders.taae import TaaeDecoderOptions
    from narrows.configs._generated.decoders.vocos import VocosDecoderOptions
    from narrows.configs._generated.encoders.dac import DacEncoderOptions
    from narrows.configs._generated.encoders.local_attn import LocalAttnEncoderOptions
    from narrows.configs._generated.encoders.oobleck import OobleckEncoderOptions
    from narrows.configs._generated.encoders.seanet import SeanetEncoderOptions
    from narrows.configs._generated.encoders.taae import TaaeEncoderOptions
    from narrows.configs._generated.types.activation_params import ActivationParams

HEAD_WIDTH = 128
"""Width of an attention head of `taae`; narrower stages have one head."""

ACTIVATION_PARAMS = {
    "CELU": ("alpha",),
    "ELU": ("alpha",),
    "GELU": ("approximate",),
    "Hardshrink": ("lambd",),
    "Hardtanh": ("min_val", "max_val"),
    "LeakyReLU": ("negative_slope",),
    "PReLU": ("init",),
    "Softplus": ("beta", "threshold"),
    "Softshrink": ("lambd",),
}
"""Arguments of the activations that have any."""

NORM_PARAMS = {"layer_norm": ("eps", "elementwise_affine", "bias"), "time_group_norm": ("eps", "affine")}
"""Arguments of the norms that have any."""


def _same_length(options: BaseModel, first: str, others: Sequence[str]) -> Iterator[Problem]:
    """Every list has one entry a stage, as many as the first one."""
    stages = len(getattr(options, first))
    for key in others:
        given = getattr(options, key)
        if len(given) != stages:
            message = f"{len(given)} {key} for {stages} entries of {first}."
            yield Problem(f"/{key}", message, given, "Give one entry a stage to each.", related=(f"/{first}",))


@rule(covers="A-12")
def oobleck_lists_match(options: OobleckEncoderOptions | OobleckDecoderOptions) -> Iterator[Problem]:
    """`strides` and `c_mults` have the same length."""
    yield from _same_length(options, "c_mults", ["strides"])


@rule(covers="A-12")
def local_attn_fits(options: LocalAttnEncoderOptions | LocalAttnDecoderOptions) -> Iterator[Problem]:
    """All lists have the same length, and heads divide widths."""
    yield from _same_length(options, "depths", ["embed_dims", "heads", "ratios"])
    for index, (width, heads) in enumerate(zip(options.embed_dims, options.heads, strict=False)):
        if width % heads:
            message = f"A width of {width} cannot be split into {heads} heads."
            hint = f"Write {width // heads * heads or heads} or {(width // heads + 1) * heads}."
            yield Problem(f"/embed_dims/{index}", message, width, hint, related=(f"/heads/{index}",))


@rule(covers="A-12 A-14 A-15")
def taae_fits(options: TaaeEncoderOptions | TaaeDecoderOptions) -> Iterator[Problem]:
    """All lists have the same length, widths split into heads, and stages of stride 1 keep their width."""
    yield from _same_length(options, "c_mults", ["strides", "transformer_depths"])
    mults = options.c_mults
    for index, mult in enumerate(mults):
        width = options.channels * mult
        if width > HEAD_WIDTH and width % HEAD_WIDTH:
            message = f"A width of {width} (channels times {mult}) cannot be split into heads of {HEAD_WIDTH}."
            hint = f"At most {HEAD_WIDTH}, or a multiple of it."
            yield Problem(f"/c_mults/{index}", message, mult, hint, related=("/channels",))
    for index, ((before, after), stride) in enumerate(zip(pairwise([mults[0], *mults]), options.strides, strict=False)):
        if stride == 1 and before != after:
            message = f"A stage of stride 1 keeps its width, but c_mults goes from {before} to {after}."
            hint = f"Write {before} at {index} of c_mults, or a stride of at least 2."
            yield Problem(f"/strides/{index}", message, stride, hint, related=(f"/c_mults/{index}",))


@rule(covers="A-16")
def dac_decoder_has_channels(options: DacDecoderOptions) -> Iterator[Problem]:
    """Halving `channels` at each rate leaves at least one."""
    least = 2 ** len(options.rates)
    if options.channels < least:
        message = f"{options.channels} channels, halved at each of {len(options.rates)} rates, leave none."
        yield Problem("/channels", message, options.channels, f"At least {least}.", related=("/rates",))


@rule(covers="A-17 A-19")
def seanet_fits(options: SeanetEncoderOptions | SeanetDecoderOptions) -> Iterator[Problem]:
    """Norm, widths and activation go together."""
    if options.norm == "time_group_norm" and options.causal:
        message = "time_group_norm looks at all times, so a causal model cannot have it."
        yield Problem("/norm", message, options.norm, "For example weight_norm or layer_norm.", related=("/causal",))
    if options.n_residual_layers and options.compress > options.n_filters:
        message = f"compress {options.compress} leaves nothing of the narrowest stage's {options.n_filters} channels."
        yield Problem("/compress", message, options.compress, f"At most {options.n_filters}.", related=("/n_filters",))
    yield from _params_fit(options.activation, options.activation_params, "activation")


@rule(covers="A-17")
def seanet_output_fits(options: SeanetDecoderOptions) -> Iterator[Problem]:
    """Final activation and trimming go with the other options."""
    if options.final_activation_params is not None:
        yield from _params_fit(options.final_activation, options.final_activation_params, "final_activation")
    if options.trim_right_ratio != 1 and not options.causal:
        message = "trim_right_ratio has no effect without causal."
        hint = "Remove it, or set causal."
        yield Problem("/trim_right_ratio", message, options.trim_right_ratio, hint, related=("/causal",))


@warning
def norm_params_have_an_effect(options: SeanetEncoderOptions | SeanetDecoderOptions) -> Iterator[Problem]:
    """Only norms of the output have arguments."""
    known = NORM_PARAMS.get(options.norm, ())
    for name in sorted(options.norm_params.model_fields_set - set(known)):
        message = f"The norm {options.norm!r} has no argument {name!r}."
        hint = f"It has {', '.join(known)}." if known else "Remove it."
        yield Problem(f"/norm_params/{name}", message, getattr(options.norm_params, name), hint, related=("/norm",))


def _params_fit(activation: str | None, params: ActivationParams, key: str) -> Iterator[Problem]:
    known = ACTIVATION_PARAMS.get(activation or "", ())
    for name, value in params:
        if value is not None and name not in known:
            message = (
                f"{activation} has no argument {name!r}." if activation else f"There is no {key} to take {name!r}."
            )
            hint = f"It has {', '.join(known)}." if known else "Remove it."
            yield Problem(f"/{key}_params/{name}", message, value, hint, related=(f"/{key}",))


@warning(covers="A-13 H-6")
def strides_keep_lengths(
    options: OobleckEncoderOptions
    | OobleckDecoderOptions
    | DacEncoderOptions
    | DacDecoderOptions
    | TaaeEncoderOptions
    | TaaeDecoderOptions,
) -> Iterator[Problem]:
    """Without `exact_length`, odd strides lose samples on the way up, and stride 1 adds a frame on the way down."""
    given = option(options, "strides")
    if given is None or options.exact_length or getattr(options, "use_nearest_upsample", False):
        return
    encodes, skips_ones = "Encoder" in type(options).__name__, hasattr(options, "transformer_depths")
    for index, stride in enumerate(given.value):
        odd = stride == 1 if encodes else stride % 2 == 1
        if odd and not (stride == 1 and skips_ones):
            change = "adds a frame" if encodes else "loses a sample"
            message = f"A stage of stride {stride} {change}, as in the reference."
            yield Problem(f"/{given.key}/{index}", message, stride, "Set exact_length, or use an even stride.")


@warning(covers="A-18")
def output_is_squashed_once(decoder: OobleckDecoderConfig | DacDecoderConfig) -> Iterator[Problem]:
    """`soft_clip` comes on top of the tanh that a decoder ends with."""
    if decoder.soft_clip and getattr(decoder.config, "final_tanh", True):
        message = "soft_clip passes the output through a second tanh."
        yield Problem("/soft_clip", message, True, "Remove it, or turn final_tanh off.")


VOCOS_GROUPS = 32
"""Groups of channels that are normalised in front of the attention of `vocos`."""


@rule
def vocos_fits(options: VocosDecoderOptions) -> Iterator[Problem]:
    """Windows overlap evenly, attention has its groups of channels, and the condition is there."""
    window, hop = options.n_fft, options.hop_length
    if window < hop or (window - hop) % 2:
        message = f"n_fft must be hop_length or an even number more, got {window} for a hop_length of {hop}."
        yield Problem("/n_fft", message, window, f"Write {4 * hop}.", related=("/hop_length",))
    if window % 2:
        yield Problem("/n_fft", f"n_fft must be even, got {window}.", window, f"Write {window + 1}.")
    if options.attention and options.dim % VOCOS_GROUPS:
        message = f"With attention, dim is a multiple of {VOCOS_GROUPS}, got {options.dim}."
        hint = f"Write {-(-options.dim // VOCOS_GROUPS) * VOCOS_GROUPS}."
        yield Problem("/dim", message, options.dim, hint, related=("/attention",))
    if options.condition >= (options.adanorm_num_embeddings or 1):
        message = f"There are {options.adanorm_num_embeddings or 1} conditions, counted from 0."
        yield Problem("/condition", message, options.condition, "Write 0.", related=("/adanorm_num_embeddings",))


@rule
def shortcuts_divide(options: OobleckEncoderOptions | OobleckDecoderOptions) -> Iterator[Problem]:
    """Shortcuts average or repeat whole groups of channels."""
    if not options.shortcuts or len(options.strides) != len(options.c_mults):
        return
    widths = [options.channels, *(options.channels * mult for mult in options.c_mults)]
    steps = [*zip(pairwise(widths), options.strides, strict=True), ((options.latent_dim, widths[-1]), 1)]
    for index, ((narrow, wide), stride) in enumerate(steps):
        small, large = (wide, narrow * stride) if index < len(options.strides) else sorted((narrow, wide))
        if large % small:
            message = f"{narrow} channels times {stride} samples do not divide into {wide} channels."
            pointer = f"/c_mults/{index}" if index < len(options.strides) else "/latent_dim"
            yield Problem(pointer, message, None, "Write shortcuts: false, or other widths.", related=("/shortcuts",))
