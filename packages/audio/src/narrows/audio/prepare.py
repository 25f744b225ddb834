"""Bringing a signal in memory to the rate, length and channels of a model."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.audio.arrays import audio_clip, whole_rate
from narrows.audio.channels import set_audio_channels
from narrows.audio.cropping import pad_to
from narrows.audio.sinc import sinc_resample


def prepare_audio(
    audio: Tensor,
    in_sr: int,
    target_sr: int,
    target_length: int,
    target_channels: int,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Resample, cut or pad at the end, and convert channels.

    Args:
        audio: (T,), (C, T) or (B, C, T).
        in_sr: its rate in Hz.
        target_sr: rate wanted in Hz.
        target_length: length wanted in samples at that rate.
        target_channels: channels wanted.
        device: where the result lives.

    Returns:
        (B, target_channels, target_length)

    Raises:
        AudioArrayError: it is no audio, e.g. transposed, or the rate is none.
    """
    clips = audio if audio.dim() == 3 else audio[None]
    audio = torch.stack([audio_clip(clip, "Audio") for clip in clips])
    audio = sinc_resample(audio.to(device), whole_rate(in_sr), target_sr)
    audio = pad_to(audio, target_length)
    return set_audio_channels(audio, target_channels)
