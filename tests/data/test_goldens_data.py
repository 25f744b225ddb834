"""Crops, levels, masks and preparation against the reference, number for number."""

from __future__ import annotations

import random

import pytest
import torch
from support.goldens import golden_ids, load_golden

from narrows.audio.channels import mono, set_audio_channels, stereo
from narrows.audio.cropping import Crop, crop_signal
from narrows.audio.levels import is_silence, peak_db, phase_flip, volume_norm
from narrows.audio.levels import torchaudio_loudness as loudness
from narrows.audio.prepare import prepare_audio
from narrows.audio.silence import remove_long_silence
from narrows.data.inpainting import random_inpaint_mask


@pytest.mark.parametrize("name", golden_ids("data", "padcrop"))
def test_crops(name: str) -> None:
    case = load_golden("data", name)
    config, seed = case.meta["config"], case.meta["seed"]
    size, rate = config["n_samples"], config["sample_rate"]
    for key, signal in case.inputs.items():
        total = signal.shape[-1]
        for k in range(config.get("repeats", 1)):
            random.seed(seed + k)
            offset = random.randint(0, total - size) if config["randomize"] and total > size else 0
            crop = Crop(offset, size, total, rate)
            case.assert_close(f"{key}.{k}.chunk", crop_signal(signal, crop))
            case.assert_close(f"{key}.{k}.padding_mask", crop.padding_mask())
            want = case.meta["json_outputs"][f"{key}.{k}" if config.get("repeats") else f"{key}.0"]
            assert crop.timestamps == pytest.approx((want["t_start"], want["t_end"]))
            assert (crop.seconds_start, crop.seconds_total) == (want["seconds_start"], want["seconds_total"])
            torch.manual_seed(seed + k)
            start = int(torch.randint(0, max(0, total - size) + 1, [])) if config["randomize"] else 0
            case.assert_close(f"{key}.{k}.padcrop", crop_signal(signal, Crop(start, size, total, rate)))


@pytest.mark.parametrize("name", golden_ids("data", "levels"))
def test_levels_and_channels(name: str) -> None:
    case = load_golden("data", name)
    config, seed = case.meta["config"], case.meta["seed"]
    for key, signal in case.inputs.items():
        if signal.shape[-1] >= 1000:
            want = float(case.meta["json_outputs"][f"{key}.loudness"])
            assert loudness(signal, config["sample_rate"]) == pytest.approx(want, abs=1e-3)
            torch.manual_seed(seed)
            draw = float(torch.rand(1)) if want > -100 else 0.0
            got = volume_norm(signal, *config["volume_norm"], config["sample_rate"], draw)
            case.assert_close(f"{key}.volume_norm", got)
            continue
        case.assert_close(f"{key}.mono", mono(signal))
        case.assert_close(f"{key}.stereo", stereo(signal))
        for k in range(6):
            random.seed(seed + k)
            case.assert_close(f"{key}.phase_flip.{k}", phase_flip(signal, config["p"], random.random()))
        for channels in (1, 2) if signal.dim() == 2 else ():
            case.assert_close(f"{key}.set_channels.{channels}", set_audio_channels(signal[None], channels))


@pytest.mark.parametrize("name", golden_ids("data", "silence"))
def test_silence(name: str) -> None:
    case = load_golden("data", name)
    config = case.meta["config"]
    for key, want in case.meta["json_outputs"].items():
        signal = case.inputs[key]
        assert peak_db(signal) == pytest.approx(float(want["dbmax"]), abs=1e-4)
        assert is_silence(signal) == want["is_silence"]
        for threshold, silent in want["is_silence_thresh"].items():
            assert is_silence(signal, float(threshold)) == silent
    gated = case.inputs[config["gated"]].clone()
    for start, end in config["gaps"]:
        gated[:, start:end] *= 1e-4
    case.assert_close("gated_input", gated)
    shortened = remove_long_silence(
        gated[:1], config["sample_rate"], **config["remove"], generator=random.Random(case.meta["seed"])
    )
    case.assert_close("gated_removed", shortened)


@pytest.mark.parametrize("name", golden_ids("data", "inpaint_mask"))
def test_inpainting_masks(name: str) -> None:
    case = load_golden("data", name)
    config = case.meta["config"]
    for k in range(config["repeats"]):
        generator = random.Random(case.meta["seed"] + k)
        masked, mask = random_inpaint_mask(**case.inputs, **config["config"], generator=generator)
        case.assert_close(f"masked.{k}", masked)
        case.assert_close(f"mask.{k}", mask)


@pytest.mark.parametrize("name", golden_ids("data", "prepare_audio"))
def test_preparation(name: str) -> None:
    case = load_golden("data", name)
    for number, (key, *arguments) in enumerate(case.meta["config"]["calls"]):
        case.assert_close(f"{number}.{key}", prepare_audio(case.inputs[key], *arguments))
