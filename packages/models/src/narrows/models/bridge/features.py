"""What XCodec2 and NeuCodec take besides audio: the filter banks that their processors make with torchaudio.

They are Kaldi's, as the speech encoder (w2v-BERT) in both of them was trained on. torchaudio is not needed here.

Letters: B batch, T samples, F frames of 20 ms.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from narrows.models.extras import extra_module

RATE, WINDOW, STEP, BANDS, LOWEST = 16000, 400, 160, 80, 20.0
"""Hz, samples of a window and between two, bands, and the lowest of their edges in Hz."""
SPECTRUM = 512
PREEMPHASIS, FULL_SCALE, FLOOR, STEADY = 0.97, 2.0**15, 1.1920928955078125e-07, 1e-7


class FrontEnd(NamedTuple):
    """How a class's processor pads clips, as parts of a latent frame."""

    around: float
    """Zeros on each side of the audio that the bands are taken of."""
    behind: int
    """Zeros behind the audio for both of its encoders."""


FRONT_ENDS = {
    "xcodec2": FrontEnd(around=0.5, behind=0),
    # Its bands are a frame short, and its codes with them, so that a frame more gives all codes of the clip.
    "neucodec": FrontEnd(around=0.0, behind=1),
}
"""By `model_type` of transformers."""


def inputs(network: Any, audio: Tensor, hop: int) -> tuple[Tensor, dict[str, Tensor]]:
    """What such a network encodes.

    Args:
        network: of a `model_type` in `FRONT_ENDS`.
        audio: `(B, 1, T)` at 16000 Hz, whole frames.
        hop: samples a latent frame.

    Returns:
        Its audio, and its further inputs by name.
    """
    front = FRONT_ENDS[network.config.model_type]
    audio = nn.functional.pad(audio, (0, front.behind * hop))
    around = int(front.around * hop)
    return audio, {"input_features": filter_banks(nn.functional.pad(audio[:, 0], (around, around)))}


def filter_banks(audio: Tensor) -> Tensor:
    """Logarithms of Kaldi's mel bands, each of mean 0 and variance 1 over the clip, two of 10 ms side by side.

    Args:
        audio: `(B, T)` at 16000 Hz, of at least 800 samples.

    Returns:
        `(B, F, 160)`; an odd frame at the end is filled up with ones, as the processors do.
    """
    frames = FULL_SCALE * audio.unfold(-1, WINDOW, STEP)
    frames = frames - frames.mean(-1, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], dim=-1)
    frames = (frames - PREEMPHASIS * before) * _window().to(frames)
    power = torch.fft.rfft(frames, SPECTRUM).abs().square()
    bands = (power @ _filters().to(power)).clamp_min(FLOOR).log()
    bands = (bands - bands.mean(1, keepdim=True)) / (bands.var(1, keepdim=True) + STEADY).sqrt()
    bands = nn.functional.pad(bands, (0, 0, 0, bands.shape[1] % 2), value=1.0)
    return bands.reshape(len(bands), -1, 2 * BANDS)


@cache
def _window() -> Tensor:
    """Povey's: a Hann window that Kaldi raises to the power 0.85."""
    return torch.hann_window(WINDOW, periodic=False, dtype=torch.float64).pow(0.85).float()


@cache
def _filters() -> Tensor:
    bank = extra_module("transformers.audio_utils", "text").mel_filter_bank(
        num_frequency_bins=SPECTRUM // 2 + 1,
        num_mel_filters=BANDS,
        min_frequency=LOWEST,
        max_frequency=RATE / 2,
        sampling_rate=RATE,
        norm=None,
        mel_scale="kaldi",
        triangularize_in_mel_space=True,
    )
    return torch.from_numpy(bank).float()
