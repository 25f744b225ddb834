from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from support.sounds import write_sounds

from narrows.configs import load_config
from narrows.data import DataError, create_dataloader_from_config, read_audio, without_variation


def loader(folder: Path, batch_size: int = 2, size: int = 256, workers: int = 0, config: Any = (), **options: Any):
    document = {"dataset_type": "audio_dir", "path": str(folder), **dict(config)}
    return create_dataloader_from_config(document, batch_size, size, 8000, 2, workers, **options)


def same(left: list, right: list) -> bool:
    return len(left) == len(right) and all(
        torch.equal(a, b) and [i["path"] for i in m] == [i["path"] for i in n]
        for (a, m), (b, n) in zip(left, right, strict=True)
    )


def test_a_batch_is_audio_and_the_metadata_of_the_reference(tmp_path: Path) -> None:
    audio, metadata = next(iter(loader(write_sounds(tmp_path / "set"), 3)))
    assert audio.shape == (3, 2, 256)
    assert audio.dtype == torch.float32
    info = metadata[0]
    assert Path(info["path"]).is_file()
    assert info["relpath"] == Path(info["path"]).name
    assert info["sample_rate"] == 8000
    assert info["seconds_total"] == 1
    assert info["seconds_start"] == 0
    assert info["padding_mask"].dtype == torch.bool
    assert info["padding_mask"].all()
    assert 0 <= info["timestamps"][0] < info["timestamps"][1] <= 1
    assert info["load_time"] > 0


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_workers_gives_the_same_batches(tmp_path: Path, workers: int) -> None:
    folder = write_sounds(tmp_path / "set")
    one, many = loader(folder, seed=5), loader(folder, workers=workers, seed=5)
    for _ in range(2):
        assert same(list(one), list(many))


def test_epochs_and_seeds_differ(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set")
    first = loader(folder, seed=5)
    epoch = list(first)
    assert not same(epoch, list(first))
    assert not same(epoch, list(loader(folder, seed=6)))


@pytest.mark.parametrize("workers", [0, 2])
def test_resume_in_the_middle_of_an_epoch(tmp_path: Path, workers: int) -> None:
    folder = write_sounds(tmp_path / "set")
    whole = loader(folder)
    batches = [*whole, *whole]
    stopped = loader(folder, workers=workers)
    list(stopped)
    for _, _batch in zip(range(2), stopped, strict=False):
        state = stopped.state_dict()
    assert state == {"epoch": 1, "batch": 2}
    again = loader(folder, workers=workers)
    again.load_state_dict(state)
    assert same(list(again), batches[7:])
    assert again.state_dict() == {"epoch": 2, "batch": 0}
    assert same(list(stopped), batches[7:]), "an abandoned iteration goes on where it stopped"


@pytest.mark.parametrize("count", [24, 31])
def test_four_ranks_with_three_workers_cover_the_set_exactly_once(tmp_path: Path, count: int) -> None:
    folder = write_sounds(tmp_path / "set", count, frames=300)
    names = []
    for rank in range(4):
        part = loader(folder, workers=3, config={"drop_last": False}, rank=rank, world_size=4)
        names += [info["relpath"] for _, metadata in part for info in metadata]
    assert sorted(names) == sorted(path.name for path in folder.iterdir())


def test_spawned_workers_give_the_same(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 4)
    assert same(list(loader(folder)), list(loader(folder, workers=1, multiprocessing_context="spawn")))


def test_the_global_generator_is_left_alone(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 4)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    list(loader(folder, workers=1))
    assert torch.equal(torch.rand(2), expected)


def test_short_files_are_padded_and_masked(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 2, frames=100)
    audio, metadata = next(iter(loader(folder, size=256, shuffle=False)))
    assert metadata[0]["padding_mask"].sum() == 100
    assert audio[0, :, 100:].abs().max() == 0
    assert audio[0, :, :100].abs().min() > 0


def test_bad_files_are_replaced_counted_and_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_sounds(tmp_path / "set", 6)
    (folder / "text.wav").write_text("no sound")
    damaged = folder / "damaged.flac"
    shutil.copy(write_sounds(tmp_path / "other", 1, 20000, ending="flac") / "000.flac", damaged)
    damaged.write_bytes(damaged.read_bytes()[:3000])
    with caplog.at_level(logging.WARNING, "narrows.data"):
        part = loader(folder, workers=2, config={"drop_last": False})
        epochs = [list(part) for _ in range(4)]
    assert {Path(path).name for path in part.skipped} == {"text.wav", "damaged.flac"}
    assert len(caplog.messages) == 2
    assert all(sum(len(m) for _, m in batches) == 7 for batches in epochs)
    assert same(epochs[0], list(loader(folder, config={"drop_last": False})))


def test_too_many_bad_files_stop_the_run_with_the_list(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 3)
    for number in range(4):
        (folder / f"bad{number}.wav").write_text("no sound")
    with pytest.raises(DataError, match=r"4 of 7 files.*max_bad_share \(0\.5\)(?s:.*)bad3\.wav: is not a format"):
        loader(folder)
    assert len(loader(folder, config={"max_bad_share": 0.6}).skipped) == 4


def test_an_empty_a_bad_and_a_missing_folder_fail_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no audio file is there"):
        loader(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        loader(tmp_path / "missing")
    (tmp_path / "bad.wav").write_text("no sound")
    with pytest.raises(DataError, match=r"1 of 1 files(?s:.*)bad\.wav: is not a format"):
        loader(tmp_path, config={"max_bad_share": 1.0})


def test_a_batch_that_never_fills_is_an_error(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 3)
    with pytest.raises(DataError, match="do not make one batch of 4"):
        loader(folder, 4, config={"random_crop": False})
    assert len(loader(folder, 4, config={"samples_per_epoch": 8})) == 2


def test_silent_crops_are_replaced_and_counted(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    folder = write_sounds(tmp_path / "set", 3)
    soundfile.write(folder / "silent.wav", np.zeros((3000, 2)), 8000)
    part = loader(folder, config={"drop_last": False})
    assert "silent.wav" not in {info["relpath"] for _, metadata in part for info in metadata}
    assert part.rejected >= 1
    assert not part.skipped
    kept = loader(folder, config={"drop_last": False, "silence_threshold_db": None})
    assert "silent.wav" in {info["relpath"] for _, metadata in kept for info in metadata}


def test_without_variation_every_file_comes_once_from_its_start(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set", 5)
    config = load_config({"dataset_type": "audio_dir", "path": str(folder), "volume_norm": True})
    fixed = create_dataloader_from_config(without_variation(config), 2, 256, 8000, 2, 0, False)
    first, second = list(fixed), list(fixed)
    assert same(first, second)
    for audio, infos in first:
        for clip, info in zip(audio, infos, strict=True):
            torch.testing.assert_close(clip, read_audio(info["path"], 0, 256)[0])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_set_that_only_looks_good_stops_with_a_plain_message(tmp_path: Path, workers: int) -> None:
    folder = write_sounds(tmp_path / "set", 4, 20000, ending="flac")
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"\A100 samples drawn in a row were skipped \(100 bad") as error:
        list(loader(folder, size=16384, workers=workers))
    assert "Traceback" not in str(error.value)
