"""Rules of bottlenecks: options of a quantizer that must fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule

if TYPE_CHECKING:
    from narrows.configs._generated.bottlenecks.dac_rvq import DACRVQBottleneckOptions
    from narrows.configs._generated.bottlenecks.dac_rvq_vae import DACRVQVAEBottleneckOptions
    from narrows.configs._generated.bottlenecks.dithered_fsq import DitheredFSQBottleneckOptions
    from narrows.configs._generated.bottlenecks.fsq import FSQBottleneckOptions
    from narrows.configs._generated.bottlenecks.grouped_rvq import GroupedRVQBottleneckOptions
    from narrows.configs._generated.bottlenecks.lfq import LFQBottleneckOptions
    from narrows.configs._generated.bottlenecks.residual_fsq import ResidualFSQBottleneckOptions
    from narrows.configs._generated.bottlenecks.rvq import RVQBottleneckOptions
    from narrows.configs._generated.bottlenecks.rvq_vae import RVQVAEBottleneckOptions
    from narrows.configs._generated.bottlenecks.simvq import SimVQBottleneckOptions
    from narrows.configs._generated.bottlenecks.snac_rvq import SnacRVQBottleneckOptions
    from narrows.configs._generated.models.autoencoder import AutoencoderOptions

LARGEST_CODEBOOK = 2**31


@rule(covers="B-12")
def codebooks_are_trained_one_way(
    options: RVQBottleneckOptions | RVQVAEBottleneckOptions | GroupedRVQBottleneckOptions,
) -> Iterator[Problem]:
    """Codes move by moving averages or by gradient, not by both."""
    if options.learnable_codebook and options.ema_update:
        message = "The codebook is trained by gradient and by moving averages at once."
        yield Problem(
            "/learnable_codebook", message, True, "Write 'ema_update': false as well.", related=("/ema_update",)
        )


@rule
def dropout_leaves_a_choice(
    options: RVQBottleneckOptions
    | RVQVAEBottleneckOptions
    | GroupedRVQBottleneckOptions
    | SimVQBottleneckOptions
    | ResidualFSQBottleneckOptions,
) -> Iterator[Problem]:
    """The first stage that may be dropped exists."""
    cutoff, stages = options.quantize_dropout_cutoff_index, options.num_quantizers
    if options.quantize_dropout and cutoff >= stages:
        yield Problem(
            "/quantize_dropout_cutoff_index",
            f"The cutoff is {cutoff}, but the {stages} stages are counted from 0 to {stages - 1}.",
            cutoff,
            f"Write at most {stages - 1}.",
            related=("/num_quantizers",),
        )


@rule
def groups_divide_the_channels(options: GroupedRVQBottleneckOptions) -> Iterator[Problem]:
    """Every group has as many channels."""
    if options.dim % options.groups:
        message = f"{options.dim} channels cannot be split into {options.groups} groups of equal width."
        yield Problem("/groups", message, options.groups, f"Write a divisor of {options.dim}.", related=("/dim",))


@rule(covers="B-3")
def one_codebook_width_a_stage(options: DACRVQBottleneckOptions | DACRVQVAEBottleneckOptions) -> Iterator[Problem]:
    """A list of codebook widths has one entry a stage."""
    widths = options.codebook_dim
    if isinstance(widths, list) and len(widths) != options.n_codebooks:
        yield Problem(
            "/codebook_dim",
            f"{len(widths)} widths for {options.n_codebooks} codebooks.",
            widths,
            f"Give {options.n_codebooks} widths, or one number for all.",
            related=("/n_codebooks",),
        )


@rule
def frozen_codes_are_not_replaced(
    options: DACRVQBottleneckOptions | DACRVQVAEBottleneckOptions | SnacRVQBottleneckOptions,
) -> Iterator[Problem]:
    """Codes behind a linear layer are frozen, and need neither replacement nor averages: the layer moves them all."""
    for name in ("revive_below", "average_decay") if options.linear_codebook else ():
        if value := getattr(options, name):
            message = f"{name} changes codes, which linear_codebook keeps frozen."
            yield Problem(
                f"/{name}", message, value, "Write 0, or 'linear_codebook': false.", related=("/linear_codebook",)
            )


@rule(covers="B-9")
def one_level_a_channel(options: DitheredFSQBottleneckOptions) -> Iterator[Problem]:
    """A list of levels has one entry a channel."""
    if isinstance(options.levels, list) and len(options.levels) != options.dim:
        message = f"{len(options.levels)} levels for {options.dim} channels of a codebook."
        yield Problem("/levels", message, options.levels, f"Give {options.dim} levels.", related=("/dim",))


@rule(covers="B-7")
def codes_can_be_counted(
    options: FSQBottleneckOptions | ResidualFSQBottleneckOptions | DitheredFSQBottleneckOptions,
) -> Iterator[Problem]:
    """The product of the levels is an index of at most 31 bits, which all tools for tokens can hold."""
    levels = options.levels
    each = levels if isinstance(levels, list) else [levels] * getattr(options, "dim", 1)
    if prod(each) > LARGEST_CODEBOOK:
        message = f"The levels multiply to more than {LARGEST_CODEBOOK} codes, which can be counted."
        yield Problem("/levels", message, levels, "Use fewer levels, or more codebooks of fewer channels.")


@rule
def noise_needs_symmetry(options: FSQBottleneckOptions) -> Iterator[Problem]:
    """Noise is bounded to the levels' range, which is only known to be from -1 to 1 when they are symmetric."""
    if options.noise_dropout > 0 and not options.preserve_symmetry:
        message = "noise_dropout needs levels from -1 to 1."
        yield Problem(
            "/noise_dropout",
            message,
            options.noise_dropout,
            "Write 'preserve_symmetry': true as well.",
            related=("/preserve_symmetry",),
        )


@rule
def input_is_clamped_once(options: ResidualFSQBottleneckOptions) -> Iterator[Problem]:
    """The hard clamp brings its own soft bound of the input."""
    if options.bound_hard_clamp and options.soft_clamp_input_value is not None:
        message = "bound_hard_clamp bounds the input already."
        yield Problem(
            "/soft_clamp_input_value",
            message,
            options.soft_clamp_input_value,
            "Remove it, or write 'bound_hard_clamp': false.",
            related=("/bound_hard_clamp",),
        )


@rule
def signs_make_whole_bits(options: LFQBottleneckOptions) -> Iterator[Problem]:
    """The codebook size is a power of two."""
    size = options.codebook_size
    if size & (size - 1):
        lower = 1 << (size.bit_length() - 1)
        message = f"{size} is not a power of 2."
        yield Problem("/codebook_size", message, size, f"Write {lower} or {2 * lower}.")


@rule
def codes_are_inside_the_clamp(options: LFQBottleneckOptions) -> Iterator[Problem]:
    """The input can reach the codes."""
    clamp = options.soft_clamp_input_value
    if clamp is not None and clamp < options.codebook_scale:
        yield Problem(
            "/soft_clamp_input_value",
            f"The input is kept below {clamp}, but the codes are at {options.codebook_scale}.",
            clamp,
            f"Write at least {options.codebook_scale}.",
            related=("/codebook_scale",),
        )


@rule
def signs_are_the_latents(model: AutoencoderOptions) -> Iterator[Problem]:
    """Without projections, `lfq` takes a channel a bit."""
    if model.bottleneck is None or model.bottleneck.type != "lfq" or model.bottleneck.config.dim is not None:
        return
    config = model.bottleneck.config
    bits = (config.codebook_size.bit_length() - 1) * config.num_codebooks
    if bits != model.latent_dim:
        yield Problem(
            "/bottleneck/config/codebook_size",
            f"The `lfq` bottleneck makes {bits} bits of as many channels but latent_dim is {model.latent_dim}.",
            config.codebook_size,
            f"Write 'dim': {model.latent_dim} for linear projections between them, or change latent_dim.",
            related=("/latent_dim",),
        )


@rule
def codes_cover_whole_parts_of_a_frame(options: SnacRVQBottleneckOptions) -> Iterator[Problem]:
    """The frames that a code of `snac_rvq` covers divide those of a latent frame."""
    for index, stride in enumerate(options.strides):
        if options.fold % stride:
            message = f"A code covers {stride} frames, which do not divide the {options.fold} of a latent frame."
            yield Problem(f"/strides/{index}", message, stride, "Write a divisor of fold.", related=("/fold",))
