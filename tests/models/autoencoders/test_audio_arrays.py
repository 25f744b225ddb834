"""What is no audio is refused with its name and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import tiny_diffusion, tiny_lm
from support.chunkable_models import build
from support.tiny_bottlenecks import codec
from torch import Tensor

from narrows.audio.arrays import AudioArrayError
from narrows.audio.prepare import prepare_audio
from narrows.audio.writing import write_audio
from narrows.models.codec import ChannelError


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


@pytest.mark.parametrize(
    ("batch", "hint"),
    [
        (torch.zeros(1, 44100, 1), r"transposed.*\.transpose\(1, 2\)"),
        (torch.zeros(44100, 1), r"\.T\[None\]"),
        (torch.zeros(1, 44100), r"audio\[None\]"),
        (torch.zeros(1, 1, 800, dtype=torch.int16), "32768"),
        (torch.zeros(1, 2, 800), r"\(batch, 1, length\)"),
    ],
)
def test_batches_name_the_way_out_wherever_they_enter(batch: Tensor, hint: str) -> None:
    model: Any = codec("identity")
    for enter in (
        model.encode,
        model.encode_audio,
        lambda x: model.encode_audio(x, chunk_size=20),
        lambda x: list(model.encode_stream([x])),
    ):
        with pytest.raises(ValueError, match=hint):
            enter(batch)


def test_channels_are_never_dropped_in_silence() -> None:
    mono: Any = codec("identity")
    stereo_clip = torch.randn(2, 900)
    with pytest.raises(ChannelError, match="downmix or fold"):
        build("oobleck").preprocess_audio_for_encoder(torch.randn(6, 900), 8000)
    assert torch.allclose(mono.preprocess_audio_for_encoder(stereo_clip, 8000)[0, :, :900], stereo_clip.mean(0, True))
    mono.channel_policy = "fold"
    with pytest.raises(ChannelError, match="fold_channels"):
        mono.preprocess_audio_for_encoder(stereo_clip, 8000)
    mono.channel_policy = "error"
    with pytest.raises(ChannelError):
        build("oobleck").preprocess_audio_for_encoder(torch.randn(6, 900), 8000)


@pytest.mark.parametrize("audio", [torch.zeros(44100, 2), torch.zeros(1, 44100, 2)])
def test_audio_to_generate_from(audio: Tensor) -> None:
    with pytest.raises(ValueError, match=r"transposed.*\.T"):
        prepare_audio(audio, 44100, 44100, 1000, 2)
    for rate in (0, -1, 0.5, float("nan"), True, None):
        with pytest.raises(ValueError, match="whole number of Hz"):
            prepare_audio(torch.zeros(2, 900), rate, 44100, 1000, 2)  # type: ignore[arg-type]


def test_transposed_audio_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"transposed.*\.T"):
        write_audio(tmp_path / "a.wav", torch.zeros(900, 2), 8000)


def test_arrays_of_numpy_and_empty_clips_are_named() -> None:
    model: Any = codec("identity")
    for enter in (lambda x: model.preprocess_audio_for_encoder(x, 8000), model.encode, model.encode_audio):
        with pytest.raises(ValueError, match=r"ndarray.*torch\.from_numpy"):
            enter(np.zeros((1, 1, 900), "float32"))
    for clip in (torch.zeros(1, 0), torch.zeros(0, 900)):
        with pytest.raises(ValueError, match="is empty"):
            model.preprocess_audio_for_encoder(clip, 8000)
    with pytest.raises(ValueError, match=r"audio\[None, None\]"):
        model.encode(torch.zeros(800))


@pytest.mark.parametrize("rates", [np.array([8000, 16000]), torch.tensor([8000, 16000]), (8000, 16000.0)])
def test_rates_come_in_any_row(rates: Any) -> None:
    clips = [torch.randn(1, 900), torch.randn(1, 900)]
    model: Any = codec("identity")
    wanted = model.preprocess_audio_list_for_encoder(clips, [8000, 16000])
    assert torch.equal(model.preprocess_audio_list_for_encoder(clips, rates), wanted)
    with pytest.raises(ValueError, match="whole number of Hz"):
        model.preprocess_audio_list_for_encoder(clips, "8000")


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (torch.zeros(1, 400), r"got a Tensor: give \({name}, 44100\)"),
        ((8000, torch.zeros(1, 400)), "the rate stands first"),
        ((np.zeros((1, 400)), 8000), r"torch\.from_numpy"),
        (np.zeros((1, 400)), r"torch\.from_numpy"),
        ("song.wav", "got a str"),
        ((torch.zeros(1, 400), 0), "above zero, got 0"),
    ],
)
def test_what_is_generated_from_is_a_waveform_with_its_rate(given: Any, hint: str) -> None:
    diffusion, language = tiny_diffusion.build(), tiny_lm.build()
    for model, name in ((diffusion, "init_audio"), (diffusion, "inpaint"), (language, "prompt_audio")):
        with pytest.raises(AudioArrayError, match=hint.replace("{name}", name)) as caught:
            model.generate(seconds=0.3, **{name: given})
        assert name in str(caught.value)
