"""The receptive fields of an autoencoder's two sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from narrows.models.receptive_field import ReceptiveField, chain, obstacle

if TYPE_CHECKING:
    from narrows.models.autoencoders.audio import AudioAutoencoder


def encode_field(model: AudioAutoencoder) -> ReceptiveField:
    """Of `encode` without the bottleneck: samples in, latent frames out."""
    return chain(_side(transform(model), "encode_field"), model.encoder)


def decode_field(model: AudioAutoencoder) -> ReceptiveField:
    """Of `decode` without the bottleneck: latent frames in, samples out."""
    return chain(model.decoder, _side(transform(model), "decode_field"))


def transform(model: AudioAutoencoder) -> Any:
    """What stands between the audio and the encoder: a pretransform, or the transform of a spectral autoencoder."""
    return getattr(model, "stft", None) or getattr(model, "pretransform", None)


def _side(pretransform: Any, method: str) -> ReceptiveField:
    """A pretransform answers for its two sides with the methods `encode_field` and `decode_field`."""
    if pretransform is None:
        return ReceptiveField()
    if hasattr(pretransform, method):
        field: ReceptiveField = getattr(pretransform, method)()
        return field
    assert isinstance(pretransform, nn.Module)
    return obstacle(pretransform, f"does not tell its reach with {method}()")
