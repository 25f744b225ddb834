"""A data set that changed since it was encoded: what is new, changed or missing is named, new files are appended."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pipelines.pre_encode.test_pre_encode import RATE, experiment, samples
from support.tiny_bottlenecks import codec

from narrows.models import save_model
from narrows.pipelines.pre_encode import PreEncodeError, pre_encode


def write(folder: Path, name: str, length: int) -> None:
    folder.mkdir(exist_ok=True)
    noise = np.random.default_rng(length).uniform(-0.5, 0.5, (length, 1)).astype("float32")
    soundfile.write(folder / name, noise, RATE)


def test_changed_data_is_named_and_appended(tmp_path: Path) -> None:
    audio, output = tmp_path / "audio", tmp_path / "out"
    model = save_model(codec("vae"), tmp_path / "model")
    for number in range(6):
        write(audio, f"{number}.wav", 900 + number)
    assert pre_encode(experiment(audio, model, output)).changes.lines() == []
    assert pre_encode(experiment(audio, model, output)).changes.lines() == []
    before = samples(output)
    for number in range(3):
        write(audio, f"00{number}.wav", 700 + number)
    write(audio, "2.wav", 5000)
    (audio / "3.wav").unlink()
    summary = pre_encode(experiment(audio, model, output))
    assert summary.changes == (["000.wav", "001.wav", "002.wav"], ["2.wav"], ["3.wav"])
    assert "append=true" in summary.changes.lines()[0]
    assert summary.clips == 0
    assert summary.complete
    appended = pre_encode(experiment(audio, model, output, append=True))
    assert appended.clips == 3
    assert appended.changes.added == []
    after = samples(output)
    assert set(after) == set(before) | {"000.wav", "001.wav", "002.wav"}
    assert all(before[name][1] == after[name][1] for name in before)
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["samples"] == 9
    assert [entry["shard"] for entry in manifest["shards"]] == [f"shard-{n:06d}" for n in range(3)]
    keys = [p for n in range(3) for p in json.loads((output / f"shard-{n:06d}.index.json").read_text())["samples"]]
    assert len({entry["key"] for entry in keys}) == 9
    again = pre_encode(experiment(audio, model, output, append=True))
    assert (again.shards, again.clips) == (0, 0)


def test_a_checkpoint_path_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path / "audio", "a.wav", 900)
    with pytest.raises(PreEncodeError, match="there is no"):
        pre_encode(experiment(tmp_path / "audio", tmp_path / "none", tmp_path / "out"))
