"""Rules of the SAME encoder and decoder: stages, strides, chunks and heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule

if TYPE_CHECKING:
    from narrows.configs._generated.decoders.same import SameDecoderOptions
    from narrows.configs._generated.encoders.same import SameEncoderOptions

    Options = SameEncoderOptions | SameDecoderOptions


def _stages(options: Options, *keys: str) -> Iterator[Problem]:
    """Each list has one entry a stage."""
    stages = len(options.c_mults)
    for key in keys:
        given = getattr(options, key)
        if given is not None and len(given) != stages:
            message = f"{len(given)} entries in {key} for {stages} in c_mults."
            yield Problem(f"/{key}", message, given, f"Give {stages}, one a stage.", related=("/c_mults",))


def _strides(options: Options) -> Iterator[Problem]:
    """A stage resamples by its layers, and without a window in whole chunks."""
    for index, (stride, depth) in enumerate(zip(options.strides, options.transformer_depths, strict=False)):
        if depth == 0 and stride != 1:
            message = f"Stage {index} has no layers, and so cannot resample by {stride}."
            hint = "Write 1, or give the stage layers."
            yield Problem(f"/strides/{index}", message, stride, hint, related=(f"/transformer_depths/{index}",))
        elif depth and options.sliding_window is None and options.chunk_size % stride:
            message = f"chunk_size {options.chunk_size} is not a multiple of the stride {stride}."
            hint = f"For example {-(-options.chunk_size // stride) * stride}."
            yield Problem("/chunk_size", message, options.chunk_size, hint, related=(f"/strides/{index}",))


def _heads(options: Options) -> Iterator[Problem]:
    """Widths are whole heads."""
    for index, mult in enumerate(options.c_mults):
        width = options.channels * mult
        if width % min(options.dim_heads, width):
            message = f"Stage {index} is {width} channels wide, which is no multiple of dim_heads {options.dim_heads}."
            hint = "Make dim_heads a divisor of every width."
            yield Problem("/dim_heads", message, options.dim_heads, hint, related=("/channels", "/c_mults"))


def _shift(options: Options) -> Iterator[Problem]:
    """Only chunks can be shifted."""
    if options.chunk_midpoint_shift and options.sliding_window is not None:
        message = "chunk_midpoint_shift moves chunks, and with a sliding_window there are none."
        hint = "Make one of the two false or null."
        yield Problem("/chunk_midpoint_shift", message, True, hint, related=("/sliding_window",))


@rule(covers="J-3")
def same_encoder_stages(options: SameEncoderOptions) -> Iterator[Problem]:
    """Lists, strides, chunks and heads of the encoder fit together."""
    yield from _stages(options, "strides", "transformer_depths")
    yield from _strides(options)
    yield from _heads(options)
    yield from _shift(options)


@rule(covers="J-3")
def same_decoder_stages(options: SameDecoderOptions) -> Iterator[Problem]:
    """Lists, strides, chunks and heads of the decoder fit together."""
    yield from _stages(options, "strides", "transformer_depths", "sinusoidal_blocks")
    yield from _strides(options)
    yield from _heads(options)
    yield from _shift(options)
