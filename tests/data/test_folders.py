from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import noise, write_sounds

from narrows.data import create_dataloader_from_config, inspect_folder


@pytest.fixture
def report(tmp_path: Path):
    root = write_sounds(tmp_path / "set", 2, frames=8000)
    soundfile.write(root / "copy.flac", *soundfile.read(root / "000.wav"))
    soundfile.write(root / "silent.wav", np.zeros(8000), 16000)
    soundfile.write(root / "clipped.wav", (10 * np.sin(np.arange(8000) / 20)).clip(-1, 1), 8000)
    soundfile.write(root / "offset.wav", noise(8000, 1) * 0.1 + 0.3, 8000)
    whole = (root / "001.wav").read_bytes()
    (root / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (root / "<b>bad.wav").write_text("no sound")
    for name in ("notes.txt", "more.TXT", "README"):
        (root / name).touch()
    return inspect_folder(root)


def test_what_is_found(report) -> None:
    files = {file.path: file for file in report.files}
    assert set(report.bad) == {"<b>bad.wav"}
    assert len(files) == 7
    assert files["silent.wav"].remarks == ["silent"]
    assert files["clipped.wav"].remarks[0].startswith("clipped (9")
    assert files["offset.wav"].remarks == ["constant offset +0.300"]
    assert "cut off: the header claims" in files["cut.wav"].note
    assert files["000.wav"].remarks == []
    assert report.duplicates == [["000.wav", "copy.flac"]]
    assert report.hours == pytest.approx(sum(file.seconds for file in files.values()) / 3600)


def test_how_it_is_shown(report) -> None:
    text, page = report.table(), report.html()
    assert "other files           3 (1 without ending, 2 .txt)" in text
    for expected in ("readable files        7", "unreadable files      1", "silent.wav: silent", "same as copy.flac"):
        assert expected in text
    assert "<b>bad" not in page
    assert "&lt;b&gt;bad.wav" in page
    assert "src=" not in page
    assert "href=" not in page
    data = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert len(data["files"]) == 7


def test_batches_of_similar_length(tmp_path: Path) -> None:
    root = tmp_path / "set"
    root.mkdir()
    for number in range(24):
        soundfile.write(root / f"{number:02d}.wav", noise(200 + 400 * (number % 4), seed=number), 8000)
    config = {"dataset_type": "audio_dir", "path": str(root), "length_buckets": 4, "length_multiple": 64}
    batches = list(create_dataloader_from_config(config, 3, 1200, 8000, 2, 0))
    assert sorted({audio.shape[-1] for audio, _ in batches}) == [256, 640, 1024, 1200]
    for audio, infos in batches:
        lengths = {int(info["padding_mask"].sum()) for info in infos}
        assert len(lengths) == 1
        assert all(info["padding_mask"].shape == audio.shape[-1:] for info in infos)


def test_loudness_is_brought_into_the_range(tmp_path: Path) -> None:
    import torch

    from narrows.audio.levels import torchaudio_loudness as loudness

    root = write_sounds(tmp_path / "set", 4, frames=16000)
    config = {"dataset_type": "audio_dir", "path": str(root), "volume_norm": True, "volume_norm_param": [-30, 1]}
    for audio, _ in create_dataloader_from_config(config, 2, 16000, 8000, 2, 0):
        assert all(-31.1 < loudness(clip, 8000) < -28.9 for clip in audio)
        assert torch.isfinite(audio).all()
