"""The sounds of a test: of one length and rate, level-matched, and alike as files whatever is in them."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

import numpy as np
import soundfile
import torch
from torch import Tensor

from narrows.audio.channels import to_channels
from narrows.audio.resampling import resample
from narrows.studio.compare.levels import matching_gain

HEADROOM = 10 ** (-1 / 20)
"""Peak that the loudest version of an item may have: -1 dBFS."""


def aligned(
    reference: tuple[Tensor, int], versions: Mapping[str, tuple[Tensor, int]], level_match: bool
) -> dict[str, Tensor]:
    """Versions at the rate, channels, length and loudness of their reference; all together below full scale.

    Args:
        reference: audio `(C, T)` and its rate in Hz.
        versions: the same, by name.
        level_match: change the loudness.

    Returns:
        By name, with the reference as `reference`.
    """
    original, rate = reference
    sounds = {"reference": original}
    for name, (audio, own) in versions.items():
        if own != rate:
            audio = torch.from_numpy(resample(audio.T.contiguous().numpy(), own, rate).T.copy())
        audio = to_channels(audio, len(original))
        missing = original.shape[-1] - audio.shape[-1]
        audio = torch.nn.functional.pad(audio, (0, max(0, missing)))[:, : original.shape[-1]]
        gain = matching_gain(original, audio, rate) if level_match else 0.0
        sounds[name] = audio * 10 ** (gain / 20)
    peak = max(float(audio.abs().max()) for audio in sounds.values())
    scale = HEADROOM / peak if peak > HEADROOM else 1.0
    return {name: audio * scale for name, audio in sounds.items()}


def disguised(audio: np.ndarray, sample_rate: int, seed: str) -> bytes:
    """A 24-bit WAV with triangular dither of its own, so that two files of one sound differ in every checksum.

    Args:
        audio: `(T, C)`.
        sample_rate: in Hz.
        seed: of the dither.
    """
    noise = np.random.default_rng(random.Random(seed).getrandbits(64))
    dither = (noise.random(audio.shape) - noise.random(audio.shape)) / 2**23
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(audio + dither, -1, 1 - 2**-23), sample_rate, format="WAV", subtype="PCM_24")
    return buffer.getvalue()
