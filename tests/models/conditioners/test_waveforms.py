"""Conditions that are audio: pairs of a waveform and its rate become what the conditioners take."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import tiny_diffusion
from torch import Tensor

from narrows.models import create_model_from_config
from narrows.models.conditioners.waveforms import audio_inputs, fit_audio, map_audio
from narrows.models.diffusion.generation.requests import RequestError

MODEL = create_model_from_config(tiny_diffusion.listening()).eval()


def ramp(samples: int, channels: int = 1) -> Tensor:
    return torch.linspace(-1, 1, samples).expand(channels, -1)


def conditions(**more: Any) -> dict[str, Any]:
    return {"prompt": "jazz", "melody": (ramp(100), 1000), "mix": {"bass": (ramp(50), 500)}, **more}


def test_the_conditions_that_are_audio() -> None:
    inputs = audio_inputs(MODEL.conditioner)
    assert {name: audio.sources for name, audio in inputs.items()} == {"melody": None, "mix": ("drums", "bass")}
    assert audio_inputs(None) == {}


@given(st.integers(1, 400), st.sampled_from([500, 1000, 3000]), st.integers(1, 300))
def test_framewise_audio_is_as_long_as_what_is_generated(given_: int, rate: int, samples: int) -> None:
    fitted = fit_audio(MODEL.conditioner, {"melody": (ramp(given_), rate)}, 1000, samples)["melody"]
    assert fitted.shape == (1, samples)
    behind = -(-given_ * 1000 // rate) + 1
    assert not fitted[:, behind:].any(), "silence behind its end"
    if rate == 1000:
        assert torch.equal(fitted[:, :given_], ramp(given_)[:, :samples])


def test_waveforms_without_a_rate_and_other_conditions_stay() -> None:
    waveform = ramp(7)
    made = fit_audio(MODEL.conditioner, conditions(melody=waveform), 1000, 12)
    assert made["melody"] is waveform
    assert made["prompt"] == "jazz"
    assert made["mix"]["bass"].shape == (1, 12)


def test_places_of_sources_are_named() -> None:
    seen = []
    map_audio(MODEL.conditioner, conditions(), lambda place, audio, value: seen.append(place))
    assert seen == ["melody", "mix.bass"]


def test_a_model_hears_the_pairs_that_it_is_given() -> None:
    options = {"seconds": 0.3, "steps": 2, "seed": 1, "cfg_scale": 1.0}
    first = MODEL.generate(conditions(), **options)
    resampled = MODEL.generate(conditions(melody=(ramp(100), 1000)), **options)
    other = MODEL.generate(conditions(melody=(-ramp(100), 1000)), **options)
    assert torch.equal(first, resampled)
    assert not torch.allclose(first, other)
    both = MODEL.generate([conditions(), conditions(melody=(-ramp(30), 1000))], **{**options, "seed": [1, 1]})
    torch.testing.assert_close(both[:1], first, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"melody": 3}, "'melody' must be a waveform"),
        ({"mix": {"piano": (ramp(9), 1000)}}, "drums, bass"),
        ({"melody": (ramp(100).T, 1000)}, "'melody'"),
        ({"melody": (ramp(100) / 0, 1000)}, "not finite"),
    ],
)
def test_what_is_no_audio_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        MODEL.generate(conditions(**wrong), steps=1)
    assert isinstance(raised.value, RequestError) or "condition" in str(raised.value)
