"""Bringing a signal in memory to the rate, length and channels of a model.

Resampling here is torchaudio's windowed sinc (same filter, so figures agree with stable-audio-tools): it runs on any
device and lets gradients through. Files are resampled with soxr instead (`narrows.audio.resampling`), which
filters much more steeply.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.audio.channels import set_audio_channels
from narrows.audio.cropping import pad_to

ZEROS, ROLLOFF = 6, 0.99
"""Zero crossings of the sinc on each side, and its cut-off relative to the lower of the two Nyquist frequencies."""


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
    """
    audio = sinc_resample(audio.to(device), in_sr, target_sr)
    audio = pad_to(audio, target_length)
    while audio.dim() < 3:
        audio = audio[None]
    return set_audio_channels(audio, target_channels)


def sinc_resample(audio: Tensor, source_rate: int, target_rate: int) -> Tensor:
    """Resample `(..., T)` with a Hann-windowed sinc; the length is rounded up."""
    divisor = math.gcd(source_rate, target_rate)
    source, target = source_rate // divisor, target_rate // divisor
    if source == target:
        return audio
    base = min(source, target) * ROLLOFF
    width = math.ceil(ZEROS * source / base)
    steps = torch.arange(-width, width + source, dtype=torch.float64) / source
    times = (torch.arange(0, -target, -1, dtype=torch.float64)[:, None] / target + steps) * base
    times = times.clamp(-ZEROS, ZEROS)
    kernel = torch.sinc(times) * torch.cos(times * math.pi / ZEROS / 2) ** 2 * (base / source)
    flat = torch.nn.functional.pad(audio.reshape(-1, 1, audio.shape[-1]), (width, width + source))
    result = torch.nn.functional.conv1d(flat, kernel[:, None].to(flat), stride=source)
    length = math.ceil(target * audio.shape[-1] / source)
    return result.transpose(1, 2).reshape(*audio.shape[:-1], -1)[..., :length]
