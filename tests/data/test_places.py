"""Folders behind addresses give what the same folders here give."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.sounds import noise, wav_bytes

from narrows.configs import DatasetMetadataOptions
from narrows.configs.storage import Storage
from narrows.data import (
    DataError,
    create_dataloader_from_config,
    inspect_folder,
    make_index,
    metadata,
    pack_folder,
)
from narrows.data.folders import pack
from narrows.data.places import FolderThere, place_of
from narrows.data.scan import Selection

fsspec = pytest.importorskip("fsspec")
THERE = "memory://bucket/music"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder, whose files are in the storage too."""
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    client = fsspec.filesystem("memory")
    client.store.clear()
    client.pseudo_dirs[:] = [""]
    folder = tmp_path / "music"
    for number in range(6):
        path = folder / f"{number % 2}" / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_bytes(noise(900 + 200 * number, 1, number), 8000))
        path.with_suffix(".json").write_text(json.dumps({"text": f"sound {number}"}))
    (folder / "bad.wav").write_text("no audio")
    for path in folder.rglob("*"):
        if path.is_file():
            Storage().put(path, f"{THERE}/{path.relative_to(folder).as_posix()}")
    Storage().put_new(b"beside", f"{THERE}2/9.wav")
    yield folder
    client.store.clear()


def batches(path: str | Path, **config: Any) -> list[tuple[torch.Tensor, list[str], list[str]]]:
    document = {"dataset_type": "audio_dir", "path": str(path), "metadata": {"sidecar": "json"}, **config}
    loader = create_dataloader_from_config(document, 2, 500, 8000, 1, 0, seed=3)
    return [(audio, [i["relpath"] for i in infos], [i.get("text") for i in infos]) for audio, infos in loader]


def test_audio_of_an_address_is_that_of_a_folder(here: Path) -> None:
    found, wanted = (batches(path, max_bad_share=0.5) for path in (THERE, here))
    assert len(found) == len(wanted) == 3
    for one, other in zip(found, wanted, strict=True):
        assert torch.equal(one[0], other[0])
        assert one[1:] == other[1:]


def test_what_changed_is_fetched_and_the_rest_is_not(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    download = Storage.download

    def counted(self: Storage, place: Any, target: Path) -> None:
        fetched.append(place.address)
        download(self, place, target)

    monkeypatch.setattr(Storage, "download", counted)
    list(batches(THERE, max_bad_share=0.5))
    assert len(fetched) == 13
    fetched.clear()
    Storage().put(here / "0" / "2.wav", f"{THERE}/0/0.wav")
    list(batches(THERE, max_bad_share=0.5))
    assert fetched == [f"{THERE}/0/0.wav"]


def test_a_single_object_is_a_data_set(here: Path) -> None:
    found, wanted = (batches(f"{place}/1/1.wav", samples_per_epoch=2) for place in (THERE, here))
    assert torch.equal(found[0][0], wanted[0][0])


def test_latents_of_an_address(here: Path, tmp_path: Path) -> None:
    for number in range(4):
        latents = np.random.default_rng(number).standard_normal((2, 8)).astype("float32")
        np.save(tmp_path / f"{number}.npy", latents)
        Storage().put(tmp_path / f"{number}.npy", f"memory://bucket/latents/{number}.npy")
    document = {"dataset_type": "pre_encoded", "path": "memory://bucket/latents", "latent_crop_length": 8}
    loader = create_dataloader_from_config(document, 4, 8, 8000, 1, 0, shuffle=False)
    ((found, _),) = list(loader)
    assert torch.equal(found, torch.stack([torch.from_numpy(np.load(tmp_path / f"{n}.npy")) for n in range(4)]))


def test_looking_into_an_address_keeps_nothing_here(here: Path, tmp_path: Path) -> None:
    found, wanted = inspect_folder(THERE), inspect_folder(here)
    assert found.files == wanted.files
    assert found.bad == wanted.bad
    assert found.others == wanted.others
    assert not (tmp_path / "cache").exists()


def test_packing_from_and_to_a_storage(here: Path, tmp_path: Path) -> None:
    pack_folder(here, tmp_path / "shards", max_samples=4)
    wanted = {path.name: path.read_bytes() for path in (tmp_path / "shards").iterdir()}
    report = pack_folder(THERE, "memory://bucket/shards", max_samples=4)
    storage = Storage()
    places = storage.find("memory://bucket/shards")
    assert {place.address.rpartition("/")[2]: storage.read(place.address) for place in places} == wanted
    assert report.shards == sorted(wanted)
    assert [path.rpartition("/")[2] for path in report.skipped] == ["bad.wav"]
    # A packing that was cut off goes on, and another one is refused.
    storage.remove("memory://bucket/shards/shard-000001.tar")
    pack_folder(THERE, "memory://bucket/shards", max_samples=4)
    assert len(storage.find("memory://bucket/shards")) == 2
    with pytest.raises(DataError, match=r"shard-000000\.tar is there with other content"):
        pack_folder(THERE, "memory://bucket/shards", max_samples=2)
    storage.put_new(b"note", "memory://bucket/shards/notes.txt")
    with pytest.raises(DataError, match=r"notes\.txt was there before and is no part of it"):
        pack_folder(THERE, "memory://bucket/shards", max_samples=4)


def test_lists_of_files_and_keywords(here: Path) -> None:
    place, _ = place_of(THERE, "test")
    assert isinstance(place, FolderThere)
    told: list[str] = []
    found = place.find(Selection(("wav",), ("1/",)), lambda path, reason: told.append(path))
    assert (found.names, told) == (["1/1.wav", "1/3.wav", "1/5.wav"], [])
    Storage().put_new(b"1/3.wav\n0/0.wav\n", f"{THERE}/list.txt")
    assert place.find(Selection(("wav",), file_list="list.txt"), print).names == ["1/3.wav", "0/0.wav"]


def test_what_is_not_there_is_told(here: Path) -> None:
    with pytest.raises(DataError, match=r"^Data set 'audio': memory://bucket/none: there is no object, and none below"):
        batches("memory://bucket/none")
    with pytest.raises(DataError, match=r"memory://bucket/music is an address, and an index lists files of a folder"):
        make_index(THERE, here.parent / "index.parquet")


@pytest.mark.parametrize("where", ["here", "there"])
def test_packing_reads_a_table_once(where: str, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "captions.csv").write_text("file_name,text\n" + "".join(f"{n % 2}/{n}.wav,row {n}\n" for n in range(6)))
    Storage().put(here / "captions.csv", f"{THERE}/captions.csv")
    read: list[Any] = []

    class Counted(metadata.Table):
        def __init__(self, *given: Any) -> None:
            read.append(given)
            super().__init__(*given)

    monkeypatch.setattr(metadata, "Table", Counted)
    monkeypatch.setattr(pack, "HELD", 2)
    options = DatasetMetadataOptions(table="captions.csv")
    report = pack_folder(here if where == "here" else THERE, tmp_path / "packed", metadata=options)
    with tarfile.open(next((tmp_path / "packed").glob("*.tar"))) as archive:
        told = [json.load(archive.extractfile(each)) for each in archive if each.name.endswith(".json")]  # type: ignore[arg-type]
    assert sorted(one["text"] for one in told) == [f"row {n}" for n in range(6)]
    assert (report.samples, len(read)) == (6, 1)
