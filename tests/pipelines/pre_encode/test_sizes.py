"""How long shards take, as far as the engine is told before they are opened: the longest go out first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.parquet_sounds import write_parquet
from support.small_autoencoder import RATE
from support.sounds import noise, wav_bytes

from narrows.configs.experiments import load_experiment
from narrows.data import ShardWriter
from narrows.pipelines.pre_encode.job import PreEncodeJob
from narrows.pipelines.pre_encode.sources import Wanted, audio_source

WANTED = Wanted(RATE, 1, 8, None, 30.0, "strict", None, None)
LENGTHS = [2000, 9000, 500, 4000, 700]


def sizes(dataset: dict[str, object], shard_size: int = 2) -> list[float]:
    """Of the shards of a data set, in their order."""
    document = {"experiment": "pre_encode", "ckpt_path": "m", "output_path": "o", "dataset_config": dataset}
    job = PreEncodeJob(document, False, WANTED)
    source = audio_source(load_experiment(document).dataset_config)
    return list(job.sizes_of(source.shards(list(source.find(None)), shard_size)))


def sounds(folder: Path) -> Path:
    folder.mkdir()
    for number, length in enumerate(LENGTHS):
        (folder / f"{number}.wav").write_bytes(wav_bytes(noise(length, 1, number), RATE))
    return folder


def tars(folder: Path) -> Path:
    for number, length in enumerate(LENGTHS):
        with ShardWriter(folder, max_samples=9, prefix=f"{number}") as writer:
            writer.write("a", {"wav": wav_bytes(noise(length, 1, number), RATE)})
    return folder


def test_folders_here_and_there(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    folder = sounds(tmp_path / "music")
    own = [path.stat().st_size for path in sorted(folder.iterdir())]
    here = sizes({"dataset_type": "audio_dir", "path": str(folder)})
    assert here == [own[0] + own[1], own[2] + own[3], own[4]]
    client = fsspec.filesystem("memory")
    try:
        client.put(str(folder), "/sizes/music", recursive=True)
        assert sizes({"dataset_type": "audio_dir", "path": "memory://sizes/music"}) == here
    finally:
        client.rm("/sizes", recursive=True)


def test_archives_here_and_there(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    folder = tars(tmp_path / "tars")
    here = sizes({"dataset_type": "wds", "datasets": [{"id": "t", "path": str(folder)}]})
    assert here == [path.stat().st_size for path in sorted(folder.glob("*.tar"))]
    assert max(here) == here[1]
    client = fsspec.filesystem("memory")
    try:
        client.put(str(folder), "/sizes/tars", recursive=True)
        assert sizes({"dataset_type": "wds", "datasets": [{"id": "t", "path": "memory://sizes/tars"}]}) == here
    finally:
        client.rm("/sizes", recursive=True)


def test_row_groups(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    rows = [{"audio": {"bytes": wav_bytes(noise(900, 1, n), RATE), "path": f"{n}.wav"}} for n in range(5)]
    path = write_parquet(tmp_path / "set" / "train.parquet", rows, group=3)
    assert sizes({"dataset_type": "parquet", "path": str(path.parent)}) == [3, 2]


def test_cuts(tmp_path: Path) -> None:
    (tmp_path / "long.wav").write_bytes(wav_bytes(noise(6000, 1), RATE))
    recording = {"id": "r", "sources": [{"type": "file", "channels": [0], "source": "long.wav"}]}
    lines = [
        {"id": f"{n}", "start": 0.0, "duration": 0.1 * (n + 1), "channel": 0, "recording": recording} for n in range(3)
    ]
    (tmp_path / "cuts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = sizes({"dataset_type": "lhotse", "path": str(tmp_path / "cuts.jsonl")})
    assert found == pytest.approx([0.3, 0.3])
