"""From clips of any rate, length and number of channels to one batch that an encoder takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.arrays import audio_clip, whole_rate
from narrows.audio.channels import to_channels
from narrows.audio.sinc import sinc_resample
from narrows.models.codec.channels import check_channels
from narrows.models.interfaces import ChannelPolicy


def preprocess_audio(
    clips: Sequence[Tensor],
    sample_rates: float | Sequence[float],
    *,
    sample_rate: int,
    channels: int,
    multiple: int,
    channel_policy: ChannelPolicy | None = None,
) -> Tensor:
    """Resample clips, pad them with silence to one length and give them the same channels.

    Args:
        clips: each `(C, T)`, `(T,)` or `(1, C, T)`.
        sample_rates: of the clips, in Hz; one number for all, or one a clip.
        sample_rate: of the result, in Hz.
        channels: of the result. One is the mean of a clip's channels; more are made by repeating a mono clip, or
            are the first ones of a clip that has more.
        channel_policy: asked about clips with other channels; None takes all.
        multiple: the length of the result is the smallest multiple of this that holds the longest clip.

    Returns:
        `(B, channels, T)`

    Raises:
        ValueError: a clip is no audio (more channels than samples is a transposed clip; samples that are not finite),
            or a rate is not a whole number of Hz above zero.
        ChannelError: the policy refuses the channels of a clip.
    """
    rates = [whole_rate(rate) for rate in _each(sample_rates, len(clips))]
    if not clips or len(rates) != len(clips):
        raise ValueError(f"Give at least one clip and one sample rate a clip, got {len(clips)} and {len(rates)}")
    checked = [audio_clip(clip) for clip in clips]
    for clip in checked:
        if channel_policy is not None:
            check_channels(len(clip), channels, channel_policy)
    resampled = [sinc_resample(clip, rate, sample_rate) for clip, rate in zip(checked, rates, strict=True)]
    longest = max(clip.shape[-1] for clip in resampled)
    length = longest + -longest % multiple
    return torch.stack([to_channels(F.pad(clip, (0, length - clip.shape[-1])), channels) for clip in resampled])


def _each(rates: Any, count: int) -> list[Any]:
    """One rate a clip: of a sequence or an array, or of one number for all."""
    several = isinstance(rates, Iterable) and not isinstance(rates, str) and getattr(rates, "ndim", 1) > 0
    return list(rates) if several else [rates] * count
