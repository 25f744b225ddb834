"""No channel is dropped in silence: one line a run says how many files have more than the model takes."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import soundfile

from narrows.data import create_dataloader_from_config, pack_folder

RATE = 8000


def folder(tmp_path, *channels):
    place = tmp_path / "clips"
    place.mkdir()
    for number, count in enumerate(channels):
        noise = 0.1 * np.random.default_rng(number).standard_normal((RATE // 4, count))
        soundfile.write(place / f"{number}.wav", noise, RATE)
    return place


def lines(caplog):
    return [text for record in caplog.records if "channels" in (text := record.getMessage())]


def read(config, audio_channels, workers=0):
    loader = create_dataloader_from_config(config, 1, 512, RATE, audio_channels, num_workers=workers)
    return list(islice(loader, 12))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_folder(tmp_path, caplog, workers):
    place = folder(tmp_path, 2, 6, 4, 1, 2)
    read({"dataset_type": "audio_dir", "path": str(place)}, 2, workers)
    (line,) = lines(caplog)
    assert "2 of 5 files have more channels than the 2 of the model" in line
    assert "1.wav has 6" in line


@pytest.mark.parametrize("workers", [0, 1])
def test_shards(tmp_path, caplog, workers):
    pack_folder(folder(tmp_path, 2, 6, 4, 2), tmp_path / "shards")
    config = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(tmp_path / "shards")}]}
    batches = read(config, 2, workers)
    (line,) = lines(caplog)
    assert "more channels than the 2 of the model" in line
    assert not any(key.startswith("__") for _, infos in batches for info in infos for key in info)


@pytest.mark.parametrize(("given", "wanted"), [((1, 2, 6), 1), ((1, 2), 2), ((6, 6), 6)])
def test_nothing_is_said_where_nothing_is_left_out(tmp_path, caplog, given, wanted):
    """The mean of all channels, as a mono model gets it, holds each."""
    read({"dataset_type": "audio_dir", "path": str(folder(tmp_path, *given))}, wanted)
    assert not lines(caplog)
