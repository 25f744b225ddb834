"""Receptive field and latency of a codec, before it is run."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm
from typing import NamedTuple

from torch import nn

from narrows.models.interfaces import Codec
from narrows.models.receptive_field import ReceptiveField


class ChunkingReport(NamedTuple):
    """Receptive field and latency of a codec; needs no weights, so a model on the meta device will do."""

    exact: bool
    """Whether chunks give exactly the result of the whole clip."""
    encoder_context: tuple[int, int]
    """Samples before and after a latent frame's first sample that the frame depends on."""
    decoder_context: tuple[int, int]
    """Latent frames before and after a sample's own that the sample depends on."""
    encode_latency: int | None
    """Samples from a latent frame's first until it can be known; None where chunks are not exact."""
    decode_latency: int | None
    """Samples whose latents must be known, from a sample on, until it can be decoded."""
    latency: int | None
    """Samples that must have come, from a sample on, until encoder and decoder together give it."""
    best_overlap: int
    """Latent frames of context that cover all layers but those in `obstacles`; the least sensible `overlap`."""
    obstacles: tuple[str, ...]
    """The modules that depend on the whole clip, each with the reason."""


def chunking_report(model: Codec) -> ChunkingReport:
    """Receptive field, latency and obstacles of a codec, computed from its modules."""
    encoder, decoder, ratio = model.encode_field(), model.decode_field(), model.downsampling_ratio
    exact = encoder.exact and decoder.exact
    return ChunkingReport(
        exact=exact,
        encoder_context=(ceil(encoder.left), ceil(encoder.right)),
        decoder_context=(ceil(decoder.left), ceil(decoder.right)),
        encode_latency=encoder.latency if encoder.exact else None,
        decode_latency=decoder.latency * ratio if decoder.exact else None,
        latency=_latency(encoder, decoder, ratio) if exact else None,
        best_overlap=max(overlap_in_frames(encoder), overlap_in_frames(decoder)),
        obstacles=_named(model, encoder) + _named(model, decoder),
    )


def overlap_in_frames(field: ReceptiveField) -> int:
    """Latent frames that cover the reach of the layers whose reach is bounded."""
    per_frame = max(field.stride, Fraction(1))
    return ceil(max(field.left, field.right) / per_frame)


def _latency(encoder: ReceptiveField, decoder: ReceptiveField, ratio: int) -> int:
    """The longest wait of any sample; it repeats from granule to granule."""
    period = lcm(encoder.granule, decoder.granule * ratio)
    return max(encoder.needed(decoder.needed(sample) - 1) - sample for sample in range(period))


def _named(model: Codec, field: ReceptiveField) -> tuple[str, ...]:
    assert isinstance(model, nn.Module), "every codec is one"
    names = {id(module): name for name, module in model.named_modules()}
    return tuple(f"{names.get(id(module), '')} ({type(module).__name__}) {why}" for module, why in field.obstacles)
