"""What is no audio is refused with its name and the way out."""

from __future__ import annotations

import pytest
import torch
from support.chunkable_models import build
from torch import Tensor


@pytest.mark.parametrize("clip", [torch.zeros(44100, 2), torch.zeros(1, 44100, 2), torch.zeros(900, 1)])
def test_transposed_clips(clip: Tensor) -> None:
    model = build("oobleck")
    with pytest.raises(ValueError, match=r"transposed.*\.T"):
        model.preprocess_audio_for_encoder(clip, 44100)
    with pytest.raises(ValueError, match=r"transposed.*\.T"):
        model.preprocess_audio_list_for_encoder([torch.zeros(2, 900), clip], 44100)


@pytest.mark.parametrize("rate", [0, -1, 0.5, float("nan"), float("inf"), True])
def test_rates_that_make_no_sense(rate: float) -> None:
    with pytest.raises(ValueError, match="whole number of Hz"):
        build("oobleck").preprocess_audio_for_encoder(torch.zeros(2, 900), rate)


def test_a_whole_rate_may_be_a_float() -> None:
    model, clip = build("oobleck"), torch.randn(2, 900)
    wanted = model.preprocess_audio_for_encoder(clip, 44100)
    assert torch.equal(model.preprocess_audio_for_encoder(clip, 44100.0), wanted)
    assert torch.equal(model.preprocess_audio_list_for_encoder([clip], [44100.0]), wanted)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_samples_that_are_not_finite(value: float) -> None:
    clip = torch.zeros(2, 900)
    clip[1, 7] = value
    with pytest.raises(ValueError, match="not finite, the first at sample 7"):
        build("oobleck").preprocess_audio_for_encoder(clip, 44100)
