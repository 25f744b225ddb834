"""Clips of any rate, length and channels as one batch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.tiny_models import RATIO, build

from narrows.audio.channels import to_channels
from narrows.models.autoencoders.preprocessing import preprocess_audio


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 90), st.sampled_from([8000, 16000, 44100])), min_size=1),
    st.integers(1, 2),
    st.integers(1, 16),
)
def test_shapes(clips: list[tuple[int, int, int]], channels: int, multiple: int) -> None:
    audio = [torch.randn(c, length) for c, length, _ in clips]
    if any((c < channels and c != 1) or c > length for c, length, _ in clips):
        return
    batch = preprocess_audio(audio, [r for _, _, r in clips], sample_rate=16000, channels=channels, multiple=multiple)
    longest = max(-(-length * 16000 // rate) for _, length, rate in clips)
    assert batch.shape == (len(clips), channels, longest + -longest % multiple)


def test_short_clips_end_in_silence() -> None:
    batch = preprocess_audio([torch.ones(5), torch.ones(1, 9)], 16000, sample_rate=16000, channels=1, multiple=4)
    assert batch[:, 0].tolist() == [[1.0] * 5 + [0.0] * 7, [1.0] * 9 + [0.0] * 3]


def test_channels() -> None:
    clip = torch.tensor([[1.0, 2.0], [3.0, 6.0], [5.0, 1.0]])
    assert to_channels(clip, 1).tolist() == [[3.0, 3.0]]
    assert to_channels(clip, 2).tolist() == clip[:2].tolist()
    assert to_channels(clip[:1], 3).tolist() == [[1.0, 2.0]] * 3
    with pytest.raises(ValueError, match="2 channels cannot become 3"):
        to_channels(clip[:2], 3)


@pytest.mark.parametrize("clip", [torch.ones(2, 1, 4), torch.ones(1, 4, dtype=torch.int16), torch.ones(1, 1, 1, 4)])
def test_what_is_no_clip_is_refused(clip: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="A clip is a float tensor"):
        preprocess_audio([clip], 16000, sample_rate=16000, channels=1, multiple=1)


@pytest.mark.parametrize(("clips", "rates"), [([], 16000), ([torch.ones(4)], [16000, 44100])])
def test_there_is_one_rate_a_clip(clips: list[torch.Tensor], rates: int | list[int]) -> None:
    with pytest.raises(ValueError, match="one sample rate a clip"):
        preprocess_audio(clips, rates, sample_rate=16000, channels=1, multiple=1)


def test_a_model_prepares_a_clip_for_itself() -> None:
    model = build("oobleck", "oobleck")
    batch = model.preprocess_audio_for_encoder(torch.randn(1, 1001), 48000)
    assert batch.shape == (1, 2, 334 + -334 % RATIO)
    assert model.encode(batch).shape[-1] == batch.shape[-1] // RATIO
