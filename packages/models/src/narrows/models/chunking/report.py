"""What can be said about an autoencoder's chunking before running it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from torch import nn

from narrows.models.chunking.field import ReceptiveField
from narrows.models.chunking.fields import decode_field, encode_field

if TYPE_CHECKING:
    from narrows.models.autoencoders.autoencoder import AudioAutoencoder


class ChunkingReport(NamedTuple):
    """Receptive field and latency of an autoencoder; needs no weights, so a model on the meta device will do."""

    exact: bool
    """Whether chunks give exactly the result of the whole clip."""
    encoder_context: tuple[int, int]
    """Samples before and after a latent frame's first sample that the frame depends on."""
    decoder_context: tuple[int, int]
    """Latent frames before and after a sample's own that the sample depends on."""
    encode_latency: int | None
    """Samples from a latent frame's first until it can be known; None where chunks are not exact."""
    decode_latency: int | None
    """Samples from a sample on that must be encoded until it can be decoded."""
    best_overlap: int
    """Latent frames of context that cover all layers but those in `obstacles`; the least sensible `overlap`."""
    obstacles: tuple[str, ...]
    """The modules that depend on the whole clip, each with the reason."""

    @property
    def latency(self) -> int | None:
        """Samples from input to output of encoder and decoder together; None where chunks are not exact.

        Waiting for a whole frame is counted once: the first sample of a frame waits for all of it.
        """
        if self.encode_latency is None or self.decode_latency is None:
            return None
        return self.encode_latency + self.decode_latency


def chunking_report(model: AudioAutoencoder) -> ChunkingReport:
    """Receptive field, latency and obstacles of an autoencoder, computed from its modules."""
    encoder, decoder, ratio = encode_field(model), decode_field(model), model.downsampling_ratio
    exact = encoder.exact and decoder.exact
    return ChunkingReport(
        exact=exact,
        encoder_context=(ceil(encoder.left), ceil(encoder.right)),
        decoder_context=(ceil(decoder.left), ceil(decoder.right)),
        encode_latency=encoder.latency if encoder.exact else None,
        decode_latency=(decoder.latency - 1) * ratio if decoder.exact else None,
        best_overlap=max(overlap_in_frames(encoder), overlap_in_frames(decoder)),
        obstacles=_named(model, encoder) + _named(model, decoder),
    )


def overlap_in_frames(field: ReceptiveField) -> int:
    """Latent frames that cover the reach of the layers whose reach is bounded."""
    per_frame = max(field.stride, Fraction(1))
    return ceil(max(field.left, field.right) / per_frame)


def _named(model: nn.Module, field: ReceptiveField) -> tuple[str, ...]:
    names = {id(module): name for name, module in model.named_modules()}
    return tuple(f"{names.get(id(module), '')} ({type(module).__name__}) {why}" for module, why in field.obstacles)
