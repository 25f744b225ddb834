"""Audio of latents: long sounds a piece at a time, loops around their seam.

Letters: C audio channels, T samples, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor

from narrows.models.pretransforms.autoencoder import AutoencoderPretransform

PIECE = 2**19
"""Samples that are decoded at a time, where pieces give what the whole gives: 12 s at 44.1 kHz."""
AROUND = 64
"""Frames of the other end that a loop is decoded with, where the decoder's reach has no limit."""


@dataclass(frozen=True)
class Reach:
    """What a decoder sees of the latents."""

    local: bool
    """Whether a piece of a sound is what the whole has there; pieces of other decoders would make another sound."""
    frames: int
    """Frames beyond its own that a sample depends on."""


def reach_of(model: Any) -> Reach:
    """The reach of a diffusion model's decoder."""
    pretransform = model.pretransform
    if pretransform is None:
        return Reach(False, 0)
    if not hasattr(pretransform, "decode_field"):
        return Reach(False, AROUND)
    field = pretransform.decode_field()
    local = isinstance(pretransform, AutoencoderPretransform) and not pretransform.chunked and field.exact
    if not field.exact or field.recurrences:
        return Reach(local, AROUND)
    return Reach(local, max(0, ceil(field.left), ceil(field.right), ceil(field.mirrored)) + 1)


def decoded(model: Any, latents: Tensor, samples: int, loop: bool = False, reach: Reach | None = None) -> Tensor:
    """Audio `(C, samples)` in float32 on the CPU.

    Args:
        model: the diffusion model.
        latents: `(D, L)`.
        samples: T.
        loop: the sound goes around: it is decoded with what is beyond its ends, and brought to its length as a
            periodic signal, which changes its pitch by less than half a frame in its length.
        reach: of `reach_of`, where it is known.
    """
    reach = reach or reach_of(model)
    frames, ratio, margin = latents.shape[-1], model.downsampling_ratio, reach.frames
    if not loop:
        # A short sound of a long crop need not be decoded to its end.
        heard = latents[:, : ceil(samples / ratio) + margin] if reach.local else latents
        return _pieces(model, heard, reach)[:, :samples]
    around = torch.arange(-margin, frames + margin, device=latents.device) % frames
    audio = _pieces(model, latents[:, around], reach)[:, margin * ratio : (margin + frames) * ratio]
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


def _pieces(model: Any, latents: Tensor, reach: Reach) -> Tensor:
    options = {}
    if latents.shape[-1] * model.downsampling_ratio > PIECE and reach.local:
        options["chunk_size"] = max(1, PIECE // model.downsampling_ratio)
    audio: Tensor = model.decode(latents[None], **options)[0]
    return audio.float().cpu()
