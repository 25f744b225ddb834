"""A spectral autoencoder from the command line: train from the shipped groups, then everything from its checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.cli import main

SMALL = [
    "model=spectral_complex", "data=spectrogram", "logger=none", "sample_rate=8000", "sample_size=1008",
    "data.target_frames=64", "model.stft.n_fft=64", "model.stft.hop_length=16", "steps=2", "batch_size=1",
    "val_batches=1", "num_workers=0", "accelerator=cpu", "training.loss_configs.spectral.mrstft.config.fft_sizes=[64]",
    *(
        f"model.{side}.config.{key}={value}"
        for side in ("encoder", "decoder")
        for key, value in (("ratios", "[[2,2]]"), ("latent_fbins", 16), ("n_filters", 2))
    ),
    "model.encoder.config.dimension=4", "model.decoder.config.input_size=4",
]  # fmt: skip


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number, frames in enumerate((3000, 4100, 5000)):
        stereo = np.random.default_rng(number).normal(0, 0.1, (frames, 2))
        soundfile.write(folder / f"{number}.wav", stereo, 8000)
    return folder


def test_the_checkpoint_is_all_that_is_needed(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    words = [
        f"data.audio.path={music}",
        "data.audio.drop_last=false",
        "val_dataset_config=null",
        f"save_dir={tmp_path}",
    ]
    assert main(["train", *SMALL, *words]) == 0
    (checkpoint,) = (tmp_path / "quickstart/checkpoints").glob("step=*.ckpt")
    assert main(["encode", str(checkpoint), str(music), "-o", str(tmp_path / "coded")]) == 0
    assert main(["decode", str(checkpoint), str(tmp_path / "coded"), "-o", str(tmp_path / "back")]) == 0
    for source in music.glob("*.wav"):
        info = soundfile.info(tmp_path / "back" / source.name)
        assert (info.frames, info.channels, info.samplerate) == (soundfile.info(source).frames, 2, 8000)
    figures = tmp_path / "figures.json"
    assert main(["evaluate", str(checkpoint), str(music), "--json", str(figures)]) == 0
    (total,) = (model["total"] for model in json.loads(figures.read_text())["models"].values())
    assert {"si_sdr", "mel_distance", "stft_distance", "frechet_distance"} <= set(total)
    capsys.readouterr()
