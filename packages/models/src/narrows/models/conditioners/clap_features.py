"""What the audio tower of CLAP sees of a clip: ten seconds at 48 kHz as a logarithmic mel spectrogram.

Longer clips are cut in the middle, or with fusion seen whole and in three pieces. laion_clap draws where it cuts from
the global random state; here the cut is fixed, so that a clip always has one embedding.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from narrows.models.extras import extra_module

RATE = 48000
SAMPLES = 10 * RATE
HOP = 480
WINDOW = 1024
BANDS = 64
LOWEST, HIGHEST = 50.0, 14000.0
FRAMES = SAMPLES // HOP + 1
FLOOR = 1e-10


class Features(NamedTuple):
    """Input of the audio tower for one clip."""

    mels: Tensor
    """`(1, FRAMES, BANDS)`, with fusion `(4, FRAMES, BANDS)`: the whole clip and three pieces."""
    longer: bool
    """Whether the clip is longer than ten seconds, so that the pieces count."""


def clap_features(audio: Tensor, fusion: bool) -> Features:
    """What the audio tower sees of a mono clip `(T,)` at 48 kHz; shorter ones are repeated, then padded."""
    if len(audio) <= SAMPLES:
        repeated = audio.repeat(SAMPLES // max(len(audio), 1))
        mel = log_mel(nn.functional.pad(repeated, (0, SAMPLES - len(repeated))), fusion)
        return Features(mel.expand(4 if fusion else 1, -1, -1), False)
    if not fusion:
        start = (len(audio) - SAMPLES) // 2
        return Features(log_mel(audio[start : start + SAMPLES], fusion)[None], True)
    mel = log_mel(audio, fusion)
    if len(mel) == FRAMES:  # longer by less than a frame
        return Features(mel.expand(4, -1, -1), False)
    whole = nn.functional.interpolate(mel[None, None], size=(FRAMES, BANDS), mode="bilinear", align_corners=False)
    pieces = [mel[start : start + FRAMES] for start in _starts(len(mel) - FRAMES + 1)]
    return Features(torch.stack([whole[0, 0], *pieces]), True)


def log_mel(audio: Tensor, fusion: bool) -> Tensor:
    """The spectrogram `(frames, BANDS)` of a clip `(T,)` in decibels; its filters depend on how CLAP was trained."""
    window = torch.hann_window(WINDOW, device=audio.device)
    spectrum = torch.stft(audio.float(), WINDOW, HOP, window=window, center=True, return_complex=True)
    power = spectrum.abs().square().T @ _filters(fusion).to(audio.device)
    return 10 * power.clamp(min=FLOOR).log10()


def _starts(count: int) -> list[int]:
    """Where the pieces begin: in the middle of each third of all places."""
    thirds = torch.arange(count).tensor_split(3)
    return [int(third[len(third) // 2]) if len(third) else 0 for third in thirds]


@cache
def _filters(fusion: bool) -> Tensor:
    bank = extra_module("transformers.audio_utils", "text").mel_filter_bank(
        num_frequency_bins=WINDOW // 2 + 1,
        num_mel_filters=BANDS,
        min_frequency=LOWEST,
        max_frequency=HIGHEST,
        sampling_rate=RATE,
        norm=None if fusion else "slaney",
        mel_scale="htk" if fusion else "slaney",
    )
    return torch.from_numpy(bank).float()
