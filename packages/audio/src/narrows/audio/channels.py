"""Numbers of channels: how audio with one number becomes audio with another.

To 1: the mean of all channels. From 1: repeated. To 2 from more: the first two, which are front left and right in every
common layout. To any other number from more: the first ones. To more from two or more is refused, because
nothing sensible can be invented.
"""

from __future__ import annotations

from torch import Tensor


def to_channels(audio: Tensor, channels: int) -> Tensor:
    """Give audio exactly so many channels.

    Shape:
        audio: (..., C, T); returns (..., channels, T).

    Raises:
        ValueError: more channels are wanted than a signal of two or more has.
    """
    given = audio.shape[-2]
    if given == channels:
        return audio
    if channels == 1:
        return audio.mean(-2, keepdim=True)
    if given == 1:
        return audio.expand(*audio.shape[:-2], channels, audio.shape[-1]).contiguous()
    if given > channels:
        return audio[..., :channels, :]
    raise ValueError(f"{given} channels cannot become {channels}: only mono is repeated")


def left_out(given: int, wanted: int) -> int:
    """How many of the channels given `to_channels` drops: a mean holds all of them, the first ones do not."""
    return given - wanted if 1 < wanted < given else 0


def mono(audio: Tensor) -> Tensor:
    """Mean over channels, `(C, T)` to `(1, T)`; a signal `(T,)` is mono already."""
    return to_channels(audio, 1) if audio.dim() > 1 else audio


def stereo(audio: Tensor) -> Tensor:
    """Two channels `(2, T)` of `(T,)` or `(C, T)`."""
    return to_channels(audio if audio.dim() > 1 else audio[None], 2)


def set_audio_channels(audio: Tensor, target_channels: int) -> Tensor:
    """Channels of a batch: `(B, T)` or `(B, C, T)` to `(B, target_channels, T)`."""
    return to_channels(audio if audio.dim() > 2 else audio[:, None], target_channels)
