from __future__ import annotations

from pathlib import Path

import pytest
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


def test_one_file_cannot_be_split(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 1)
    assert names(folder, split="train") == {"000.wav"}
    with pytest.raises(DataError, match="Nothing is held out"):
        names(folder, split="held_out")
