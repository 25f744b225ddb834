"""The transform and its inverse."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.spectral.stft import STFT

SHAPES: list[dict[str, Any]] = [
    {"n_fft": 64, "hop_length": 16},
    {"n_fft": 64, "hop_length": 16, "win_length": 48, "window": "hamming", "normalized": True},
    {"n_fft": 48, "hop_length": 12, "window": "blackman", "pad_mode": "constant"},
    {"n_fft": 50, "hop_length": 10, "window": "kaiser", "pad_mode": "replicate"},
    {"n_fft": 32, "hop_length": 16, "window": "rectangular", "pad_mode": "circular"},
]


@pytest.mark.parametrize("options", SHAPES, ids=str)
@pytest.mark.parametrize("length", [200, 333, 20])
def test_round_trip(options: dict[str, Any], length: int) -> None:
    stft, audio = STFT(**options), torch.randn(2, 2, length)
    spectrogram = stft.encode(audio)
    assert spectrogram.shape == (2, 2, stft.bins, stft.frames(length))
    # A last stretch shorter than a hop lies behind the last frame, where windows overlap less.
    assert (stft.decode(spectrogram, length) - audio).abs().max() < 1e-5


@given(st.integers(1, 8), st.integers(0, 3))
def test_whole_frames_need_no_last_frame(frames: int, seed: int) -> None:
    stft = STFT(64, 16)
    audio = torch.randn(1, 1, frames * 16, generator=torch.Generator().manual_seed(seed))
    assert (stft.decode(stft.encode(audio)[..., :-1], frames * 16) - audio).abs().max() < 1e-5


@pytest.mark.parametrize(
    "options", [{"n_fft": 64, "hop_length": 16}, {"n_fft": 60, "hop_length": 15, "window": "kaiser"}]
)
def test_is_the_transform_of_torch(options: dict[str, Any]) -> None:
    stft, audio = STFT(**options), torch.randn(1, 1, 240)
    own = torch.stft(audio[0], options["n_fft"], options["hop_length"], window=stft.window, return_complex=True)
    torch.testing.assert_close(stft.encode(audio)[0], own)
    back = torch.istft(own, options["n_fft"], options["hop_length"], window=stft.window, length=240)
    torch.testing.assert_close(stft.decode(own[None], 240)[0], back)


def test_gradients() -> None:
    stft = STFT(16, 4).double()
    audio = torch.randn(1, 1, 24, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: torch.view_as_real(stft.encode(x)), audio)
    spectrogram = stft.encode(audio).detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: stft.decode(x, 24), spectrogram)


def test_sizes_that_leave_gaps_are_refused() -> None:
    with pytest.raises(ValueError, match="hop_length 40, win_length 32 and n_fft 64"):
        STFT(64, 40, win_length=32)
