"""Parquet files with sounds in a column: order, resuming, bad rows, metadata, addresses."""

from __future__ import annotations

import uuid
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.parquet_sounds import RATE, row, write_files, write_parquet

from narrows.configs import ConfigError
from narrows.data import DataError, create_dataloader_from_config, inspect_folder
from narrows.data.parquet_audio.order import RowGroupTurns

pytest.importorskip("pyarrow")


def loader_of(path: Path | str, size: int = 8, workers: int = 0, rank: int = 0, world: int = 1, **config: Any) -> Any:
    document = {"dataset_type": "parquet", "random_phase_flip": False, "silence_threshold_db": None, **config}
    if "datasets" not in config:
        document["path"] = str(path)
    seed = document.pop("seed", 0)
    return create_dataloader_from_config(
        document, size, 100, RATE, 1, workers, seed=seed, rank=rank, world_size=world, on_skip=lambda *_: None
    )


def numbers_of(batches: Any) -> list[list[int]]:
    return [[info["number"] for info in infos] for _, infos in batches]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write_files(tmp_path / "set")


def test_every_row_comes_once_with_its_own_sound_and_metadata(files: Path) -> None:
    seen = []
    for audio, infos in loader_of(files):
        for clip, info in zip(audio, infos, strict=True):
            assert clip.shape == (1, 100)
            assert float(clip.mean()) == pytest.approx(info["number"] / 1000, abs=1e-4)
            assert info["caption"] == f"sound {info['number']}"
            assert (info["label"], info["label_name"]) == (info["number"] % 3, "abc"[info["number"] % 3])
            assert info["relpath"] == f"sound{info['number']}.wav"
            assert info["path"].endswith(f".parquet#{info['number'] % 40}")
            assert "audio" not in info
            seen.append(info["number"])
    assert sorted(seen) == list(range(120))
    assert seen != sorted(seen)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_goes_on_where_it_stopped(files: Path, workers: int) -> None:
    whole = loader_of(files)
    expected = numbers_of(whole) + numbers_of(whole)
    first = loader_of(files, workers=workers)
    batches = iter(first)
    begun = [[info["number"] for info in next(batches)[1]] for _ in range(7)]
    resumed = loader_of(files, workers=workers)
    resumed.load_state_dict(first.state_dict())
    assert begun + numbers_of(resumed) + numbers_of(resumed) == expected
    del batches


def test_epochs_and_seeds_have_orders_of_their_own(files: Path) -> None:
    loader = loader_of(files)
    first, second = numbers_of(loader), numbers_of(loader)
    assert first != second
    assert sorted(chain(*second)) == list(range(120))
    assert first != numbers_of(loader_of(files, seed=1))


@pytest.mark.parametrize("world", [2, 3, 4])
def test_any_number_of_processes_takes_the_same_batches(files: Path, world: int) -> None:
    alone = numbers_of(loader_of(files, size=12))
    shares = [numbers_of(loader_of(files, size=12 // world, rank=rank, world=world)) for rank in range(world)]
    together = [sorted(chain(*(share[step] for share in shares))) for step in range(len(alone))]
    assert together == [sorted(batch) for batch in alone]


def test_row_groups_are_read_once_an_epoch_and_lanes_belong_to_processes(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from narrows.data.row_groups import RowGroups

    reads: list[tuple[int, int]] = []
    original = RowGroups.read

    def counted(self: Any, place: Any, columns: list[str]) -> Any:
        reads.append(tuple(place))
        return original(self, place, columns)

    monkeypatch.setattr(RowGroups, "read", counted)
    list(loader_of(files, lanes=4))
    assert len(set(reads)) == 12
    assert len(reads) <= 12 + 3  # one more for each border between two lanes
    reads.clear()
    for rank in range(2):
        list(loader_of(files, lanes=4, rank=rank, world=2))
    assert len(reads) <= 12 + 3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 23), min_size=1, max_size=9), st.integers(1, 9), st.integers(0, 3), st.integers(0, 9))
def test_a_turn_is_a_permutation_that_can_be_entered_anywhere(
    sizes: list[int], lanes: int, turn: int, seed: int
) -> None:
    total = sum(sizes)
    turns = RowGroupTurns([np.array([5]), np.array(sizes)], seed, lanes)
    whole = turns(1, turn, np.arange(total))
    assert sorted(whole.tolist()) == list(range(total))
    back = RowGroupTurns([np.array([5]), np.array(sizes)], seed, lanes)(1, turn, np.arange(total)[::-1].copy())
    assert back[::-1].tolist() == whole.tolist()


def test_neighbours_come_from_as_many_row_groups_as_there_are_lanes() -> None:
    rows = RowGroupTurns([np.full(40, 10)], 0, 8)(0, 0, np.arange(400))
    assert {len(set((rows[start : start + 8] // 10).tolist())) for start in range(0, 400, 8)} == {8}


def test_a_length_that_a_column_tells_goes_before_whole_seconds(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "train.parquet", [row(n) | {"seconds_total": 0.5 + n} for n in range(8)])
    lengths = [info["seconds_total"] for _, infos in loader_of(path) for info in infos]
    assert sorted(lengths) == [0.5 + n for n in range(8)]


def test_bad_rows_are_replaced_counted_and_named(tmp_path: Path) -> None:
    rows = [row(n) for n in range(40)]
    rows[3]["audio"] = {"bytes": b"no sound", "path": "bad.wav"}
    rows[17]["audio"] = {"bytes": None, "path": None}
    rows[29]["audio"] = None
    path = write_parquet(tmp_path / "train.parquet", rows)
    loader = loader_of(path)
    seen = [*chain(*numbers_of(loader))]
    assert len(seen) == 40
    assert {3, 17, 29}.isdisjoint(seen)
    assert {name.rpartition("#")[2].partition("/")[0] for name in loader.skipped} == {"3", "17", "29"}
    with pytest.raises(DataError, match=r"2 of 40 files cannot be read"):
        list(loader_of(path, max_bad_share=0.01))


def test_a_damaged_file_is_named_and_the_others_are_read(files: Path) -> None:
    (files / "data" / "train-00009-of-00009.parquet").write_bytes(b"PAR1 cut off")
    loader = loader_of(files)
    assert sorted(chain(*numbers_of(loader))) == list(range(120))
    assert [Path(name).name for name in loader.skipped] == ["train-00009-of-00009.parquet"]
    with pytest.raises(DataError, match="no row can be read"):
        loader_of(files, datasets=[{"id": "x", "path": str(files), "files": ["train-00009*"]}])


def test_files_are_chosen_by_patterns_and_sets_are_weighted(files: Path) -> None:
    one = {"id": "first", "path": str(files), "files": ["train-00000*"], "weight": 2}
    two = {"id": "second", "path": str(files), "files": ["data/train-00001*"]}
    infos = [info for _, infos in loader_of(files, datasets=[one, two]) for info in infos]
    assert sorted(info["number"] for info in infos) == sorted([*range(40), *range(40), *range(40, 80)])
    assert {info["dataset"] for info in infos if info["number"] < 40} == {"first"}
    with pytest.raises(DataError, match=r"none of the 3 \.parquet files"):
        loader_of(files, datasets=[{"id": "x", "path": str(files), "files": ["test-*"]}])


def test_fields_and_prompts_are_made_of_columns(files: Path) -> None:
    fields = [{"name": "prompt", "source_name": "caption"}, {"name": "kind", "source_name": "label_name"}]
    _, infos = next(iter(loader_of(files, fields=fields)))
    assert all(info["prompt"].startswith("sound ") and info["kind"] in "abc" for info in infos)
    assert "number" not in infos[0]
    _, infos = next(iter(loader_of(files, prompts={"templates": ["{caption} of {label_name}"]})))
    assert all(info["prompt"] == f"{info['caption']} of {info['label_name']}" for info in infos)


def test_a_column_of_bytes_and_one_among_several_are_named(tmp_path: Path) -> None:
    rows = [{**row(n), "other": row(n + 500)["audio"], "raw": row(n)["audio"]["bytes"]} for n in range(12)]
    path = write_parquet(tmp_path / "two.parquet", rows)
    numbers = [info["number"] for _, infos in loader_of(path, audio_column="raw", drop_last=False) for info in infos]
    assert sorted(numbers) == list(range(12))
    audio, infos = next(iter(loader_of(path, audio_column="other")))
    assert float(audio[0].mean()) == pytest.approx(infos[0]["number"] / 1000 + 0.5, abs=1e-4)
    with pytest.raises(DataError, match="no column 'sound'"):
        loader_of(path, audio_column="sound")


def test_sounds_beside_the_file_are_read_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "1.wav").write_bytes(row(1)["audio"]["bytes"])
    rows = [
        {"audio": {"bytes": None, "path": path}, "number": 1}
        for path in ("clips/1.wav", "/etc/passwd", "../1.wav", "clips/1.wav", "clips/1.wav")
    ]
    path = write_parquet(tmp_path / "paths.parquet", rows)
    loader = loader_of(path, size=5)
    assert numbers_of(loader) == [[1] * 5]
    assert sorted(name.rpartition("#")[2] for name in loader.skipped) == ["1", "2"]


def test_addresses_are_read_through_fsspec(files: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    place = f"memory://{uuid.uuid4().hex}/owner/name"
    system = fsspec.filesystem("memory")
    for file in sorted(files.rglob("*.parquet")):
        system.pipe_file(f"{place.removeprefix('memory:/')}/{file.relative_to(files)}", file.read_bytes())
    here, there = loader_of(files), loader_of(place)
    assert numbers_of(there) == numbers_of(here)
    _, infos = next(iter(loader_of(place)))
    assert infos[0]["path"].startswith(place)


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'path' or 'datasets' is required"):
        create_dataloader_from_config({"dataset_type": "parquet"}, 8, 100, RATE)
    with pytest.raises(ConfigError, match="about s3://"):
        loader_of("", datasets=[{"id": "x", "path": "folder", "region": "eu"}])
    with pytest.raises(DataError, match=r"no \.parquet file is below"):
        loader_of(tmp_path)
    path = write_parquet(tmp_path / "text.parquet", [{"caption": "a", "number": 1}])
    with pytest.raises(DataError, match="no column holds sounds"):
        loader_of(path)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_inspect_looks_into_every_row(files: Path, what: str) -> None:
    file = sorted(files.rglob("*.parquet"))[0]
    write_parquet(file, [row(0), row(1), {**row(2), "audio": {"bytes": b"no", "path": "x.wav"}}, row(1)])
    report = inspect_folder(files if what == "folder" else file)
    assert len(report.files) == (83 if what == "folder" else 3)
    assert [name.rpartition("/")[2] for name in report.bad] == [f"{file.name}#2"]
    assert report.duplicates == [[f"{file}#1", f"{file}#3"]]
    assert report.columns == ["caption", "label", "number"]
    assert "caption, label, number" in report.table()
    assert f"{file.name}#1" in report.html()
