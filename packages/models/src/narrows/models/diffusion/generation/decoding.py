"""Audio of latents: long sounds a piece at a time, loops around their seam.

Letters: C audio channels, T samples, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import torch
from torch import Tensor

from narrows.models.pretransforms.autoencoder import AutoencoderPretransform

PIECE = 2**19
"""Samples that are decoded at a time, where pieces give what the whole gives: 12 s at 44.1 kHz."""
AROUND = 64
"""Frames of the other end that a loop is decoded with, where the decoder's reach has no limit."""


def decoded(model: Any, latents: Tensor, samples: int, loop: bool = False) -> Tensor:
    """Audio `(C, samples)` in float32 on the CPU.

    Args:
        model: the diffusion model.
        latents: `(D, L)`.
        samples: T.
        loop: the sound goes around: it is decoded with what is beyond its ends, and brought to its length as a
            periodic signal, which changes its pitch by less than half a frame in its length.
    """
    if not loop:
        return _pieces(model, _heard(model, latents, samples))[:, :samples]
    frames, ratio = latents.shape[-1], model.downsampling_ratio
    margin = _reach(model)
    around = torch.arange(-margin, frames + margin, device=latents.device) % frames
    audio = _pieces(model, latents[:, around])[:, margin * ratio : (margin + frames) * ratio]
    return stretched(audio, samples)


def stretched(audio: Tensor, samples: int) -> Tensor:
    """One period `(C, T)` of a periodic signal with another number of samples, by its Fourier series."""
    given = audio.shape[-1]
    if given == samples:
        return audio
    # torch pads and cuts the spectrum, and divides by the length of the result.
    spectrum = torch.fft.rfft(audio.double())
    longer: Tensor = torch.fft.irfft(spectrum, n=samples) * (samples / given)
    return longer.to(audio)


def _heard(model: Any, latents: Tensor, samples: int) -> Tensor:
    """The latents that the first samples depend on: a short sound of a long crop need not be decoded to its end."""
    if not _is_local(model):
        return latents
    return latents[:, : ceil(samples / model.downsampling_ratio) + _reach(model)]


def _is_local(model: Any) -> bool:
    """Whether a piece of a sound is what the whole has there; pieces of other decoders would make another sound."""
    pretransform = model.pretransform
    local = isinstance(pretransform, AutoencoderPretransform) and not pretransform.chunked
    return local and pretransform.decode_field().exact


def _pieces(model: Any, latents: Tensor) -> Tensor:
    options = {}
    if latents.shape[-1] * model.downsampling_ratio > PIECE and _is_local(model):
        options["chunk_size"] = max(1, PIECE // model.downsampling_ratio)
    audio: Tensor = model.decode(latents[None], **options)[0]
    return audio.float().cpu()


def _reach(model: Any) -> int:
    """Frames beyond its own that a sample depends on."""
    if model.pretransform is None:
        return 0
    if not hasattr(model.pretransform, "decode_field"):
        return AROUND
    field = model.pretransform.decode_field()
    if not field.exact or field.recurrences:
        return AROUND
    reach: int = max(0, ceil(field.left), ceil(field.right), ceil(field.mirrored)) + 1
    return reach
