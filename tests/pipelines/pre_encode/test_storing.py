"""Pre-encoding into a storage: the bytes of a folder, whole shards, and runs that go on."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import soundfile
import torch
from support.s3_server import FaultyProxy, s3_server
from support.small_autoencoder import RATE, autoencoder
from support.sounds import noise

from narrows.configs.storage import Storage, StorageError
from narrows.data import create_dataloader_from_config
from narrows.models import create_model_from_config, save_model
from narrows.pipelines.pre_encode import PreEncodeError, pre_encode

boto3 = pytest.importorskip("boto3")
pytest.importorskip("s3fs")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
OUT = "s3://sounds/runs/out"


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save_model(create_model_from_config(autoencoder(1)), tmp_path_factory.mktemp("mono") / "model")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", noise(2000 + 100 * number, 1, number), RATE)
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A server with a bucket, found as users name it: by the variables of AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    with s3_server() as place:
        url = "http://{}:{}".format(*place)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        # The server forgets nothing of an earlier one of the same process.
        urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="sounds")
        yield place


def encoded(model: Path | str, output: Path | str, music: Path, **options: Any) -> Any:
    dataset = {"dataset_type": "audio_dir", "path": str(music)}
    fixed = {"experiment": "pre_encode", "accelerator": "cpu", "num_workers": 1, "shard_size": 2}
    paths = {"ckpt_path": str(model), "output_path": str(output), "dataset_config": dataset}
    return pre_encode({**fixed, **paths, **options})


def contents(address: str = OUT) -> dict[str, bytes]:
    storage = Storage()
    return {p.address.removeprefix(f"{address}/"): storage.read(p.address) for p in storage.find(address)}


@pytest.mark.parametrize("layout", ["shards", "sat"])
def test_a_bucket_holds_what_a_folder_holds(
    mono: Path, music: Path, server: tuple[str, int], tmp_path: Path, layout: str
) -> None:
    options = {"layout": layout, "tensor_format": "npy"} if layout == "sat" else {}
    encoded(mono, tmp_path / "out", music, **options)
    summary = encoded(mono, OUT, music, **options)
    assert (summary.folder, summary.shards, summary.complete) == (OUT, 3, True)
    here = {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()
    }
    assert contents() == here


def test_a_run_goes_on_from_what_is_there(mono: Path, music: Path, server: tuple[str, int]) -> None:
    encoded(mono, OUT, music)
    before = contents()
    client = boto3.client("s3")
    # As a run that was killed between a shard and its index leaves it, and one before another shard.
    for name in ("shard-000001.index.json", "shard-000002.index.json", "shard-000002.tar", "manifest.json"):
        client.delete_object(Bucket="sounds", Key=f"runs/out/{name}")
    assert encoded(mono, OUT, music).shards == 2
    assert contents() == before
    assert encoded(mono, OUT, music).shards == 0


def test_other_content_under_the_same_name_is_refused(mono: Path, music: Path, server: tuple[str, int]) -> None:
    encoded(mono, OUT, music)
    client = boto3.client("s3")
    client.delete_object(Bucket="sounds", Key="runs/out/shard-000001.index.json")
    put_new = Storage.put_new

    def beaten(self: Storage, content: bytes, address: str) -> bool:
        """Another writer is faster, with something else."""
        if address.endswith("shard-000001.index.json"):
            assert put_new(self, b"{}", address)
        return put_new(self, content, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Storage, "put_new", beaten)
        with pytest.raises(StorageError, match=r"shard-000001\.index\.json: another process wrote other content"):
            encoded(mono, OUT, music)


def test_connections_that_break_lose_nothing(
    mono: Path, music: Path, server: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded(mono, tmp_path / "out", music)
    with FaultyProxy(server, share=0.3, longest=2000) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        encoded(mono, OUT, music)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server))
    assert contents() == {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}


def test_a_model_and_latents_are_read_from_a_bucket(mono: Path, music: Path, server: tuple[str, int]) -> None:
    for path in mono.iterdir():
        Storage().put(path, f"s3://sounds/models/mono/{path.name}")
    encoded("s3://sounds/models/mono", OUT, music)
    data = {"dataset_type": "wds", "datasets": [{"id": "a", "path": OUT}], "pre_encoded": True}
    options = {"resampled_shards": False, "drop_last": False}
    loader = create_dataloader_from_config({**data, **options}, 1, 256, RATE, 1, 0)
    assert sum(len(infos) for _, infos in loader) == 6


def test_other_options_are_refused_by_the_address(mono: Path, music: Path, server: tuple[str, int]) -> None:
    encoded(mono, OUT, music)
    with pytest.raises(PreEncodeError, match=r"^s3://sounds/runs/out holds a pre-encoding with other args"):
        encoded(mono, OUT, music, shard_size=3)


def test_a_bucket_that_is_not_there_is_named(mono: Path, music: Path, server: tuple[str, int]) -> None:
    with pytest.raises(StorageError, match=r"^s3://nowhere/out: the bucket does not exist$"):
        encoded(mono, "s3://nowhere/out", music)


def test_audio_of_a_bucket_gives_the_latents_of_a_folder(
    mono: Path, music: Path, server: tuple[str, int], tmp_path: Path
) -> None:
    """Each shard's files are held here while it is encoded, and what is written names the objects."""
    (music / "1.json").write_text('{"text": "one"}')
    (music / "bad.wav").write_text("no audio")
    for path in music.iterdir():
        Storage().put(path, f"s3://sounds/music/{path.name}")
    there = {"dataset_type": "audio_dir", "path": "s3://sounds/music", "metadata": {"sidecar": "json"}}
    options = {"max_bad_share": 0.5, "metadata": {"sidecar": "json"}}
    here = {"dataset_type": "audio_dir", "path": str(music)}
    found = encoded(mono, tmp_path / "there", music, dataset_config=there | options)
    encoded(mono, tmp_path / "here", music, dataset_config=here | options)
    assert found.complete
    assert found.bad == {"s3://sounds/music/bad.wav": found.bad["s3://sounds/music/bad.wav"]}
    one, other = (list(arrays(tmp_path / name)) for name in ("there", "here"))
    assert [(name, array) for name, array, _ in one] == [(name, array) for name, array, _ in other]
    for (_, _, told), (_, _, wanted) in zip(one, other, strict=True):
        assert told.pop("path") == f"s3://sounds/music/{told['relpath']}"
        assert wanted.pop("path") == f"{music}/{wanted['relpath']}"
        assert told == wanted
    Storage().put(music / "0.wav", "s3://sounds/music/3.wav")
    again = encoded(mono, tmp_path / "there", music, dataset_config=there | options)
    assert again.changes.changed == ["3.wav"]


def arrays(folder: Path) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Name, array and metadata of each sample of a folder of shards."""
    for shard in sorted(folder.glob("*.tar")):
        with tarfile.open(shard) as archive:
            members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
        for name, data in members.items():
            if not name.endswith(".json"):
                yield name, data, json.loads(members[f"{name.partition('.')[0]}.json"])
