from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support.sounds import write_sounds

from narrows.data import DataError, create_dataloader_from_config


def names(folder: Path, **config) -> set[str]:
    document = {"dataset_type": "audio_dir", "path": str(folder), "drop_last": False, **config}
    loader = create_dataloader_from_config(document, 2, 256, 8000, 2, 0)
    return {info["relpath"] for _, metadata in loader for info in metadata}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.99])
def test_every_file_is_in_one_part(tmp_path: Path, share: float) -> None:
    folder = write_sounds(tmp_path / "set", 12)
    train = names(folder, split="train", held_out_share=share)
    held_out = names(folder, split="held_out", held_out_share=share)
    assert train
    assert held_out
    assert train.isdisjoint(held_out)
    assert train | held_out == names(folder)


def test_a_file_stays_in_its_part_when_others_come(tmp_path: Path) -> None:
    few = names(write_sounds(tmp_path / "set", 20), split="held_out", held_out_share=0.3)
    many = names(write_sounds(tmp_path / "set", 40), split="held_out", held_out_share=0.3)
    assert 2 <= len(few) <= 12
    assert few < many


@pytest.mark.parametrize("as_file", [True, False])
def test_the_end_of_a_single_recording_is_held_out(tmp_path: Path, as_file: bool) -> None:
    audio = np.repeat(np.arange(100) / 128, 80)[:, None]
    (tmp_path / "set").mkdir()
    soundfile.write(tmp_path / "set/one.wav", np.repeat(audio, 2, 1), 8000, subtype="FLOAT")
    path = tmp_path / "set/one.wav" if as_file else tmp_path / "set"

    def levels(split: str) -> torch.Tensor:
        document = {"dataset_type": "audio_dir", "path": str(path), "split": split, "held_out_share": 0.25}
        document |= {"samples_per_epoch": 60, "random_phase_flip": False}
        loader = create_dataloader_from_config(document, 2, 256, 8000, 2, 0)
        return torch.cat([audio.flatten() for audio, _ in loader])

    assert levels("train").max() < 0.75 * 100 / 128
    assert levels("held_out")[levels("held_out") > 0].min() >= 0.74 * 100 / 128


def test_crops_count_where_there_are_too_few_files_for_a_batch(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", np.full((8000 * 4, 1), 0.1), 8000)
    document = {"dataset_type": "audio_dir", "path": str(tmp_path / "one.wav")}
    loader = create_dataloader_from_config(document, 8, 1000, 8000, 1, 0)
    assert sum(len(batch) for _, batch in loader) == 32
    whole = create_dataloader_from_config({**document, "random_crop": False, "drop_last": False}, 8, 1000, 8000, 1, 0)
    assert sum(len(batch) for _, batch in whole) == 1


def test_a_file_that_is_no_audio_is_named(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("words")
    document = {"dataset_type": "audio_dir", "path": str(tmp_path / "one.txt")}
    with pytest.raises(DataError, match=r"one\.txt"):
        create_dataloader_from_config(document, 8, 1000, 8000, 1, 0)
