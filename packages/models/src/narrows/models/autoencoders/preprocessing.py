"""From clips of any rate, length and number of channels to one batch that an encoder takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.channels import to_channels
from narrows.audio.sinc import sinc_resample


def preprocess_audio(
    clips: Sequence[Tensor], sample_rates: float | Sequence[float], *, sample_rate: int, channels: int, multiple: int
) -> Tensor:
    """Resample clips, pad them with silence to one length and give them the same channels.

    Args:
        clips: each `(C, T)`, `(T,)` or `(1, C, T)`.
        sample_rates: of the clips, in Hz; one number for all, or one a clip.
        sample_rate: of the result, in Hz.
        channels: of the result. One is the mean of a clip's channels; more are made by repeating a mono clip, or
            are the first ones of a clip that has more.
        multiple: the length of the result is the smallest multiple of this that holds the longest clip.

    Returns:
        `(B, channels, T)`

    Raises:
        ValueError: a clip is no audio (more channels than samples is a transposed clip; samples that are not finite),
            or a rate is not a whole number of Hz above zero.
    """
    given = [sample_rates] * len(clips) if isinstance(sample_rates, int | float) else sample_rates
    rates = [_rate(rate) for rate in given]
    if not clips or len(rates) != len(clips):
        raise ValueError(f"Give at least one clip and one sample rate a clip, got {len(clips)} and {len(rates)}")
    resampled = [
        sinc_resample(_as_channels_first(clip), rate, sample_rate) for clip, rate in zip(clips, rates, strict=True)
    ]
    longest = max(clip.shape[-1] for clip in resampled)
    length = longest + -longest % multiple
    return torch.stack([to_channels(F.pad(clip, (0, length - clip.shape[-1])), channels) for clip in resampled])


def _as_channels_first(clip: Tensor) -> Tensor:
    if clip.dim() == 3 and clip.shape[0] == 1:
        clip = clip[0]
    if clip.dim() == 1:
        clip = clip[None]
    if clip.dim() != 2 or not clip.is_floating_point():
        raise ValueError(
            f"A clip is a float tensor of shape (channels, samples), got {clip.dtype} of {tuple(clip.shape)}"
        )
    channels, samples = clip.shape
    if channels > samples:
        raise ValueError(
            f"A clip is of shape (channels, samples), got {channels} channels of {samples} samples: "
            "it is transposed, as soundfile reads it; give its .T"
        )
    if not bool(clip.isfinite().all()):
        first = int((~clip.isfinite()).any(dim=0).nonzero()[0])
        raise ValueError(f"A clip holds samples that are not finite, the first at sample {first}")
    return clip


def _rate(rate: float) -> int:
    """A rate in whole Hz; 44100.0 is one."""
    if isinstance(rate, bool) or not math.isfinite(rate) or rate != int(rate) or rate <= 0:
        raise ValueError(f"A sample rate is a whole number of Hz above zero, got {rate!r}")
    return int(rate)
