"""Pre-encoding and codec files in 16 bit on a CPU: a layer with a bad kernel computes in float32."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from support import probes
from support.tiny_models import build

from narrows.models import save_model
from narrows.models.finite import NotFiniteError
from narrows.models.float32_layers import Float32Layer
from narrows.models.inference import prepare_for_inference
from narrows.pipelines.codec_files import decode_file, encode_file
from narrows.pipelines.pre_encode import pre_encode

BAD = '"groups": 1, "padding": [3], "stride": [1], "weight": [8, 2, 7]'
"""The first convolution of the encoder below."""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "audio" / "clip.wav"
    path.parent.mkdir()
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (4000, 2)), 16000)
    return path


def warnings_of(caplog: Any) -> list[str]:
    return [record.message for record in caplog.records if record.name == "narrows.models"]


def through_files(clip: Path, folder: Path, dtype: torch.dtype | None) -> tuple[Any, int]:
    """The clip behind a codec file, and how many layers computed in float32."""
    model = build("oobleck", "oobleck")
    prepare_for_inference(model, dtype)
    encode_file(model, clip, folder / "clip.narrows")
    decode_file(model, folder / "clip.narrows", folder / "out.wav")
    return soundfile.read(folder / "out.wav")[0], sum(isinstance(layer, Float32Layer) for layer in model.modules())


def test_codec_files(clip: Path, tmp_path: Path, monkeypatch: Any, caplog: Any) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    assert through_files(clip, tmp_path, None)[1] == 0
    # How near the sound is rests on the other kernels, which only the real process has tried.
    assert through_files(clip, tmp_path, torch.bfloat16)[1] == 1
    [message] = warnings_of(caplog)
    assert "1 of 32 layers compute in float32" in message


@pytest.mark.slow
def test_codec_files_with_the_kernels_of_this_processor(clip: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    wanted, got = (through_files(clip, tmp_path, dtype)[0] for dtype in (None, torch.bfloat16))
    assert np.linalg.norm(got - wanted) < 0.05 * np.linalg.norm(wanted)


@pytest.mark.parametrize("precision", ["bf16-true", "16-true"])
def test_pre_encoding(precision: str, clip: Path, tmp_path: Path, monkeypatch: Any, caplog: Any) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    model = save_model(build("oobleck", "oobleck"), tmp_path / "model")
    document = {
        "experiment": "pre_encode",
        "ckpt_path": str(model),
        "dataset_config": {"dataset_type": "audio_dir", "path": str(clip.parent)},
        "output_path": str(tmp_path / "out"),
        "accelerator": "cpu",
        "num_workers": 1,
        "precision": precision,
    }
    summary = pre_encode(document)
    assert summary.complete
    assert summary.clips == 1
    [message] = warnings_of(caplog)
    assert "1 of 32 layers compute in float32, 1 with kernels whose results are wrong (encoder.layers.0)" in message


def test_numbers_that_16_bit_cannot_hold_end_a_pre_encoding(clip: Path, tmp_path: Path) -> None:
    model = build("oobleck", "oobleck")
    first, *_, last = (layer for layer in model.encoder.modules() if isinstance(layer, torch.nn.Conv1d))
    with torch.no_grad():
        # Inside, numbers pass 65504; latents are what they were.
        first.parametrizations.weight.original0 *= 1.5e5
        first.bias *= 1.5e5
        last.parametrizations.weight.original0 /= 1.5e5
    document = {
        "experiment": "pre_encode",
        "ckpt_path": str(save_model(model, tmp_path / "model")),
        "dataset_config": {"dataset_type": "audio_dir", "path": str(clip.parent)},
        "accelerator": "cpu",
        "num_workers": 1,
    }
    assert pre_encode({**document, "output_path": str(tmp_path / "float32")}).complete
    with pytest.raises(NotFiniteError, match=r"clip\.wav: latents are not finite.*float32 may work"):
        pre_encode({**document, "output_path": str(tmp_path / "half"), "precision": "16-true"})
    assert not list((tmp_path / "half").glob("*.index.json"))
