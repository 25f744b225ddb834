"""Levels of a signal: peak, silence, loudness, polarity."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SILENCE_DB = -60.0
"""Peak in dB below which a clip counts as silent unless told otherwise."""
MIN_ENERGY = 1e-6
"""Mean square below which a clip has no loudness worth normalising."""


def peak_db(audio: Tensor) -> float:
    """Peak of a clip in dB relative to full scale; -inf for digital silence."""
    if audio.numel() == 0:
        return -float("inf")
    return float(20 * torch.log10(audio.abs().max()))


def is_silence(audio: Tensor, threshold_db: float = SILENCE_DB) -> bool:
    """Whether the peak lies below a threshold in dB."""
    return peak_db(audio) < threshold_db


def phase_flip(audio: Tensor, probability: float, draw: float) -> Tensor:
    """Invert the polarity when `draw`, uniform in 0 to 1, falls below the probability."""
    return -audio if draw < probability else audio


def volume_norm(audio: Tensor, target_lufs: float, spread: float, sample_rate: int, draw: float) -> Tensor:
    """Bring a clip to a loudness within ±spread of the target; what would clip is scaled to a peak of 0.95.

    Args:
        audio: (C, T). Silence is returned as it is.
        target_lufs: loudness in LUFS.
        spread: half the width of the range in LU.
        sample_rate: rate in Hz.
        draw: uniform in 0 to 1; selects the loudness within the range.
    """
    if float(audio.square().mean()) < MIN_ENERGY:
        return audio
    wanted = target_lufs + (2 * draw - 1) * spread
    result: Tensor = audio * 10 ** ((wanted - torchaudio_loudness(audio, sample_rate)) / 20)
    peak = float(result.abs().max())
    return result / peak * 0.95 if peak > 1 else result


def torchaudio_loudness(audio: Tensor, sample_rate: int) -> float:
    """Integrated loudness in LUFS as torchaudio computes it; `narrows.audio.loudness` follows the standard exactly.

    The K-weighting is that of torchaudio: a treble shelf of 4 dB at 1500 Hz, a high pass at 38 Hz, and a limit to
    full scale after each, so figures agree with those of models trained before. Signals shorter than one gating block
    (0.4 s) count as one block.

    Shape:
        audio: (C, T)
    """
    weighted = audio.double()
    for numerator, denominator in (_treble_shelf(sample_rate), _high_pass(sample_rate)):
        weighted = _filter(weighted, numerator, denominator, sample_rate).clamp(-1, 1)
    block = min(round(0.4 * sample_rate), audio.shape[-1])
    hop = max(1, round(0.1 * sample_rate))
    energy = weighted.unfold(-1, block, hop).square().mean(-1)
    channel_weights = torch.tensor([1.0, 1.0, 1.0, 1.41, 1.41] + [1.0] * len(audio), dtype=energy.dtype)
    energy = (energy * channel_weights[: len(audio), None]).sum(0)
    levels = -0.691 + 10 * energy.log10()
    gate = levels > -70
    if not gate.any():
        return -math.inf
    relative = -0.691 + 10 * energy[gate].mean().log10() - 10
    gate &= levels > relative
    return float(-0.691 + 10 * energy[gate].mean().log10()) if gate.any() else -math.inf


def _treble_shelf(rate: int) -> tuple[list[float], list[float]]:
    """Shelving filter of the cookbook by R. Bristow-Johnson."""
    w, q, gain = 2 * math.pi * 1500 / rate, 1 / math.sqrt(2), 10 ** (4 / 40)
    alpha, cos = math.sin(w) / 2 / q, math.cos(w)
    root, plus, minus = 2 * math.sqrt(gain) * alpha, gain + 1, gain - 1
    return (
        [gain * (plus + minus * cos + root), -2 * gain * (minus + plus * cos), gain * (plus + minus * cos - root)],
        [plus - minus * cos + root, 2 * (minus - plus * cos), plus - minus * cos - root],
    )


def _high_pass(rate: int) -> tuple[list[float], list[float]]:
    w, q = 2 * math.pi * 38 / rate, 0.5
    alpha, cos = math.sin(w) / 2 / q, math.cos(w)
    return [(1 + cos) / 2, -1 - cos, (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]


def _filter(audio: Tensor, numerator: list[float], denominator: list[float], rate: int) -> Tensor:
    """A recursive filter, applied in the frequency domain; its tail has died out after half a second."""
    size = 1 << (audio.shape[-1] + rate // 2).bit_length()
    bins = torch.exp(-2j * math.pi * torch.arange(size // 2 + 1, dtype=audio.dtype) / size)
    top, bottom = (sum(c * bins**k for k, c in enumerate(side)) for side in (numerator, denominator))
    spectrum = torch.fft.rfft(audio, size) * (top / bottom)
    filtered: Tensor = torch.fft.irfft(spectrum, size)
    return filtered[..., : audio.shape[-1]]
