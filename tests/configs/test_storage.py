"""Objects in a storage: fsspec's file system in memory stands for one."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrows.configs.copies import local_copy
from narrows.configs.mirror import Mirror, mirrored
from narrows.configs.storage import Storage, StorageError, address_of

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory() -> Iterator[Storage]:
    client = fsspec.filesystem("memory")
    client.store.clear()
    client.pseudo_dirs[:] = [""]
    yield Storage()
    client.store.clear()


def test_addresses_are_told_from_paths() -> None:
    assert address_of("s3://bucket/a") == address_of(Path("s3://bucket/a")) == "s3://bucket/a"
    for path in ("a/b", "/a/b", "C:/a", "./s3:/a", "a:b"):
        assert address_of(path) is None


def test_of_two_writers_one_wins(memory: Storage) -> None:
    assert memory.put_new(b"first", "memory://a/index.json")
    assert not memory.put_new(b"second", "memory://a/index.json")
    assert memory.read("memory://a/index.json") == b"first"


def test_what_is_put_is_found_and_fetched(memory: Storage, tmp_path: Path) -> None:
    (tmp_path / "shard.tar").write_bytes(b"x" * 3_000_000)
    memory.put(tmp_path / "shard.tar", "memory://a/b/shard.tar")
    memory.put_new(b"", "memory://a/bc.tar")
    assert [place.address for place in memory.find("memory://a/b", ".tar")] == ["memory://a/b/shard.tar"]
    with mirrored("memory://a/b") as mirror:
        assert mirror is not None
        assert (mirror.folder / "shard.tar").read_bytes() == b"x" * 3_000_000
    with mirrored(tmp_path) as nothing:
        assert nothing is None


def test_a_group_counts_once_its_last_is_there(memory: Storage, tmp_path: Path) -> None:
    mirrors = [Mirror("memory://run", tmp_path / name) for name in ("one", "two", "other")]
    for mirror in mirrors:
        mirror.folder.mkdir()
        content = b"other" if mirror.folder.name == "other" else b"same"
        (mirror.folder / "s.tar").write_bytes(content)
        (mirror.folder / "s.index.json").write_bytes(content)
    mirrors[0].put_group(["s.tar"], "s.index.json")
    mirrors[1].put_group(["s.tar"], "s.index.json")
    with pytest.raises(StorageError, match=r"memory://run/s\.index\.json: another process wrote other content"):
        mirrors[2].put_group(["s.tar"], "s.index.json")
    assert memory.read("memory://run/s.tar") == b"same"


def test_a_copy_follows_the_object(memory: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path))
    memory.put_new(b"weights", "memory://models/one/model.safetensors")
    memory.put_new(b"beside", "memory://models/one2/model.safetensors")
    folder = local_copy(Path("memory://models/one"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"model.safetensors": b"weights"}
    assert local_copy("memory://models/one/model.safetensors").read_bytes() == b"weights"
    with pytest.raises(StorageError, match="memory://models/none: there is no object, and none below it"):
        local_copy("memory://models/none")
    assert local_copy("models/one") == Path("models/one")


def test_names_do_not_lead_out_of_a_folder(memory: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from narrows.configs.storage import Stored

    monkeypatch.setattr(Storage, "find", lambda self, address: [Stored(f"{address}/../../evil", 1, "")])
    with pytest.raises(StorageError, match="is no name of an object below a folder"):
        Mirror("memory://run", tmp_path).fetch()


def test_failures_say_what_to_do(memory: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match=r"^memory://none/x: the object does not exist$"):
        memory.read("memory://none/x")
    with pytest.raises(StorageError, match="is no kind of storage that is known here"):
        memory.read("nothing://a/b")
    monkeypatch.setattr("narrows.configs.storage.find_spec", lambda name: None)
    with pytest.raises(StorageError, match=r'needs an optional package: pip install "narrows-configs\[gs\]"'):
        Storage().read("gs://a/b")


def test_it_survives_pickling(memory: Storage) -> None:
    memory.put_new(b"x", "memory://a/b")
    again = pickle.loads(pickle.dumps(memory))
    assert again.read("memory://a/b") == b"x"


def test_a_folder_whose_name_ends_in_a_colon_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mix:").mkdir()
    (tmp_path / "s3:").mkdir()
    assert address_of("mix:/final.wav") is None
    assert address_of(Path("mix:") / "final.wav") is None
    assert address_of("mix://final.wav") == "mix://final.wav"
    assert address_of(Path("s3://bucket/a")) == "s3://bucket/a"


def test_what_only_begins_like_an_address_is_not_below_it(memory: Storage, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    for name in ("model/a", "model/b/c", "model2/a", "model.txt"):
        memory.put(file, f"memory://begins/{name}")
    assert [place.address for place in memory.below("memory://begins/model/")] == [
        "memory://begins/model/a",
        "memory://begins/model/b/c",
    ]
    assert [place.address for place in memory.below("memory://begins/model.txt")] == ["memory://begins/model.txt"]
