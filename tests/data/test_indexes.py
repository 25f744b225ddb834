"""Indexes in Parquet: made in parallel, kept up to date, and read by row group."""

from __future__ import annotations

import functools
import hashlib
import json
import operator
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.sounds import noise, write_sounds

from narrows.configs import ConfigError
from narrows.data import DataError, create_dataloader_from_config, make_index, row_groups
from narrows.data.fingerprint import fingerprint
from narrows.data.indexes import reading, table
from narrows.data.indexes.filters import RowFilter
from narrows.data.indexes.reading import IndexedFiles

pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return write_sounds(tmp_path / "music", 30, frames=3000)


def names(files: IndexedFiles) -> list[str]:
    return [files.name(row) for row in range(len(files))]


def batches(path: Path, workers: int = 0, **config: Any) -> list[list[str]]:
    document = {"dataset_type": "audio_dir", "path": str(path), "drop_last": False, **config}
    loader = create_dataloader_from_config(document, 4, 256, 8000, 2, workers)
    return [[info["relpath"] for info in infos] for _, infos in loader]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_index_says_what_the_headers_say(music: Path, tmp_path: Path, processes: int) -> None:
    (music / "bad.wav").write_bytes(b"RIFF")
    target = tmp_path / "music.parquet"
    report = make_index(music, target, processes=processes, rows_of_part=8)
    assert (report.manifest.rows, report.manifest.bad_rows, report.added) == (30, 1, 31)
    rows = pq.read_table(target).to_pylist()  # as any reader of Parquet data sets sees it
    assert [row["path"] for row in rows] == [f"{n:03d}.wav" for n in range(30)]
    first = rows[0]
    assert (first["frames"], first["channels"], first["size"]) == (3000, 2, (music / "000.wav").stat().st_size)
    assert first["sha256"] == hashlib.sha256((music / "000.wav").read_bytes()).digest()
    assert report.manifest.seconds == pytest.approx(sum(row["frames"] / row["sample_rate"] for row in rows))


def test_only_what_changed_is_opened_again(music: Path, tmp_path: Path) -> None:
    target = tmp_path / "music.parquet"
    (music / "bad.wav").write_bytes(b"RIFF")
    make_index(music, target, rows_of_part=8)
    before = {path.name: path.stat().st_ino for path in target.iterdir()}
    again = make_index(music, target, rows_of_part=8)
    assert (again.added, again.kept, again.gone) == (0, 31, 0)
    (music / "003.wav").unlink()
    os.utime(music / "020.wav", ns=(1, 1))
    (music / "bad.wav").write_bytes((music / "000.wav").read_bytes())
    write_sounds(tmp_path / "more", 2, frames=100)
    for n in range(2):
        (tmp_path / "more" / f"{n:03d}.wav").rename(music / f"new{n}.wav")
    report = make_index(music, target, rows_of_part=8)
    assert (report.added, report.kept, report.gone) == (4, 28, 3)
    files = IndexedFiles(target)
    kept = [f"{n:03d}.wav" for n in range(30) if n not in (3, 20)]
    assert names(files) == [*kept, "020.wav", "bad.wav", "new0.wav", "new1.wav"]
    after = {path.name: path.stat().st_ino for path in target.iterdir()}
    assert {n for n in before if n.startswith("part") and after.get(n) != before[n]} == {
        "part-000000.parquet",
        "part-000002.parquet",
    }


def test_a_run_that_was_stopped_goes_on(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "music.parquet"

    def stop(done: int) -> None:
        if done >= 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_index(music, target, rows_of_part=8, progress=stop)
    with pytest.raises(DataError, match=r"was not finished: 16 files are in it\. Go on: narrows data index"):
        IndexedFiles(target)
    report = make_index(music, target, rows_of_part=8)
    assert (report.kept, report.added) == (16, 14)
    assert names(IndexedFiles(target)) == [f"{n:03d}.wav" for n in range(30)]


def test_what_is_no_index_is_named(music: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is no index \(it holds no _index\.json\)\. Make it: narrows data index"):
        IndexedFiles(music)
    with pytest.raises(DataError, match="exists and is no index"):
        make_index(music, music)
    target = tmp_path / "music.parquet"
    make_index(music, target)
    with pytest.raises(DataError, match="is an index with other hashes"):
        make_index(music, target, hashes=False)
    (target / "part-000000.parquet").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"part-000000\.parquet cannot be read"):
        IndexedFiles(target).name(0)
    (target / "_index.json").write_text('{"version": 9}')
    with pytest.raises(DataError, match="version 9 of an index cannot be read"):
        IndexedFiles(target)
    (target / "_index.json").write_text("[")
    with pytest.raises(DataError, match="is no manifest"):
        IndexedFiles(target)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="holds no audio file that can be read"):
        make_index(empty, tmp_path / "empty.parquet")


def test_rows_are_found_across_row_groups_and_parts(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (table, reading):
        monkeypatch.setattr(module, "ROWS_OF_GROUP", 3)
    monkeypatch.setattr("narrows.data.indexes.rows.ROWS_OF_GROUP", 3)
    monkeypatch.setattr(reading, "KEPT_GROUPS", 2)
    monkeypatch.setattr(row_groups, "OPEN_FILES", 1)
    target = tmp_path / "music.parquet"
    make_index(music, target, rows_of_part=8)
    files = IndexedFiles(target)
    rng = np.random.default_rng(0)
    for row in rng.integers(30, size=60).tolist():
        assert files.name(row) == f"{row:03d}.wav"
    some = IndexedFiles(target, rows=RowFilter(keywords=("1", "2")))
    assert names(some) == [f"{n:03d}.wav" for n in range(30) if "1" in f"{n:03d}" or "2" in f"{n:03d}"]


def test_an_index_takes_the_files_that_a_search_takes(music: Path, tmp_path: Path) -> None:
    write_sounds(tmp_path / "short", 3, frames=500)
    for path in (tmp_path / "short").iterdir():
        path.rename(music / f"short-{path.name}")
    target = tmp_path / "music.parquet"
    make_index(music, target)
    for options in (
        {},
        {"min_length_sec": 0.2},
        {"split": "train"},
        {"split": "held_out"},
        {"split": "held_out", "held_out_share": 1e-9},
        {"split": "train", "held_out_share": 1 - 1e-9},
    ):
        searched = functools.reduce(operator.iadd, batches(music, **options), [])
        listed = functools.reduce(operator.iadd, batches(music, index=str(target), **options), [])
        # A search draws several crops of a file where there are too few files for a batch; an index does not.
        assert sorted(listed) == sorted(set(searched)) != [], options
    with pytest.raises(DataError, match="none of the 33 files of the index fits"):
        batches(music, index=str(target), min_length_sec=1000)


def test_workers_and_processes_read_the_same(music: Path, tmp_path: Path) -> None:
    target = tmp_path / "music.parquet"
    make_index(music, target)
    document = {"dataset_type": "audio_dir", "path": str(music), "index": str(target), "drop_last": False}
    alone = batches(music, index=str(target))
    assert batches(music, 2, index=str(target)) == alone
    parts = [
        [infos for _, infos in create_dataloader_from_config(document, 2, 256, 8000, 2, 0, rank=rank, world_size=2)]
        for rank in range(2)
    ]
    for number, batch in enumerate(alone):
        mixed = [info["relpath"] for rank in range(2) for info in parts[rank][number]]
        assert sorted(mixed) == sorted(batch)
    loader = create_dataloader_from_config(document, 4, 256, 8000, 2, 0)
    loader.load_state_dict({"epoch": 0, "batch": 3})
    assert [[info["relpath"] for info in infos] for _, infos in loader] == alone[3:]


def test_options_that_do_not_go_with_an_index_are_refused(music: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "music.parquet")
    make_index(music, target)
    with pytest.raises(ConfigError, match="Buckets need the lengths"):
        batches(music, index=target, length_buckets=4)
    entries = [{"id": "a", "path": str(music), "index": target}, {"id": "b", "path": str(music)}]
    with pytest.raises(ConfigError, match="The entry 'b' has no index"):
        create_dataloader_from_config({"dataset_type": "audio_dir", "datasets": entries}, 4, 256, 8000)
    with pytest.raises(DataError, match="was made without the extensions xyz"):
        batches(music, index=target, extensions=["xyz"])


def test_the_fingerprint_is_that_of_the_index(music: Path, tmp_path: Path) -> None:
    from narrows.configs import load_config

    target = tmp_path / "music.parquet"
    make_index(music, target)
    config = load_config({"dataset_type": "audio_dir", "path": str(music), "index": str(target)}, "dataset")
    found = fingerprint(config)
    assert found is not None
    assert found.files == 30
    (music / "001.wav").unlink()
    make_index(music, target)
    assert fingerprint(config) != found


def test_more_channels_than_the_model_takes_are_counted(
    music: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    soundfile.write(music / "wide.wav", noise(500, 6), 8000)
    target = tmp_path / "music.parquet"
    make_index(music, target)
    batches(music, index=str(target))
    assert "1 of 31 files have more channels than the 2" in caplog.text
    assert "wide.wav has 6" in caplog.text


def test_the_manifest_is_plain_json(music: Path, tmp_path: Path) -> None:
    make_index(music, tmp_path / "m.parquet", hashes=False)
    found = json.loads((tmp_path / "m.parquet/_index.json").read_text())
    assert found["complete"]
    assert found["parts"][0]["channels"] == {"2": 30}


def test_the_benchmark_counts_each_row_once() -> None:
    script = Path(__file__).resolve().parents[2] / "benchmarks/index_rows.py"
    command = [sys.executable, str(script), "--rows", "70000", "--batches", "1"]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=250).stdout
    assert "each row once in an epoch, on 1 and on 3 processes: True" in found
    more = float(found.partition("more than without: ")[2].split()[0])
    assert 0 < more < 100


def test_files_of_others_in_the_folder_stay(music: Path, tmp_path: Path) -> None:
    target = tmp_path / "music.parquet"
    make_index(music, target, rows_of_part=8)
    theirs = ["captions.parquet", "part-of-mine.parquet", ".note.tmp", "part-000000.parquet.bak"]
    ours = [
        "part-999999.parquet",
        ".part-000001.parquet.ab12.tmp",
        "._index.json.ab12.tmp",
        "part-000001.000002.parquet",
    ]
    for name in (*theirs, *ours):
        (target / name).write_bytes(b"x")
        os.utime(target / name, times=(0, 0))  # what is younger may be another machine's
    make_index(music, target, rows_of_part=8)
    assert {name for name in (*theirs, *ours) if (target / name).exists()} == set(theirs)


def test_two_at_once_do_not_remove_each_other_s_parts(music: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.parquet"

    def again(done: int) -> None:
        with pytest.raises(DataError, match="Another process makes the index"):
            make_index(music, target, rows_of_part=8)

    report = make_index(music, target, rows_of_part=8, progress=again)
    assert make_index(music, target, rows_of_part=8).kept == report.added
