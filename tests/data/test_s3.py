"""Shards from a real S3 server on loopback, through a proxy that drops connections."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.s3_server import FaultyProxy, s3_server
from support.sounds import write_sounds

from narrows.configs.storage import Storage, StorageError
from narrows.data import AudioFileError, DataError, create_dataloader_from_config, pack_folder
from narrows.data.remote_shards import OpenObject

boto3 = pytest.importorskip("boto3")
pytest.importorskip("s3fs")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
SECRET = "a-secret-that-must-not-be-seen"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def s3_client(place: tuple[str, int]) -> Any:
    return boto3.client("s3", endpoint_url="http://{}:{}".format(*place), region_name="us-east-1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A server with 24 sounds in six shards below `sounds/train`."""
    pack_folder(write_sounds(tmp_path / "set", 24, frames=3000), tmp_path / "shards", max_samples=4)
    with s3_server() as place:
        client = s3_client(place)
        client.create_bucket(Bucket="sounds")
        for shard in (tmp_path / "shards").iterdir():
            client.put_object(Bucket="sounds", Key=f"train/{shard.name}", Body=shard.read_bytes())
        client.put_object(Bucket="sounds", Key="train/readme.txt", Body=b"no shard")
        client.put_object(Bucket="sounds", Key="training/other.tar", Body=b"not below train/")
        yield place


def loader(url: str, workers: int = 0, path: str = "s3://sounds/train", **config: Any):
    entry = {"id": "a", "s3_path": path, "endpoint_url": url}
    document = {"dataset_type": "s3", "datasets": [entry], "resampled_shards": False, "drop_last": False, **config}
    return create_dataloader_from_config(document, 3, 256, 8000, 2, workers)


def names(batches: Any) -> list[str]:
    return [info["relpath"] for _, infos in batches for info in infos]


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_connections_lose_and_double_nothing(server: tuple[str, int], workers: int) -> None:
    with FaultyProxy(server, share=0.5, longest=60_000) as proxy:
        part = loader(proxy.url, workers, retries=20)
        for _ in range(2):
            assert sorted(names(part)) == [f"{n:03d}.wav" for n in range(24)]
        assert not part.skipped
        assert proxy.cuts >= 3


def test_a_server_that_always_breaks_gives_one_clear_error(server: tuple[str, int]) -> None:
    part = loader("http://{}:{}".format(*server), retries=1)
    with FaultyProxy(server, share=1.0, longest=2000) as proxy:
        store = Storage(endpoint_url=proxy.url, retries=1)
        place = Storage(endpoint_url="http://{}:{}".format(*server)).find("s3://sounds/train", ".tar")[0]
        with pytest.raises(AudioFileError, match=r"s3://sounds/train/shard-000000\.tar: ") as error:
            OpenObject(store, place)().read()
    assert "\n" not in str(error.value)
    assert len(names(part)) == 24


def test_a_replaced_object_is_no_mixture(server: tuple[str, int]) -> None:
    store = Storage(endpoint_url="http://{}:{}".format(*server), retries=1)
    place = store.find("s3://sounds/train", ".tar")[0]
    s3_client(server).put_object(
        Bucket="sounds", Key=place.address.removeprefix("s3://sounds/"), Body=b"x" * place.size
    )
    with pytest.raises(AudioFileError, match="was replaced while it was read"):
        OpenObject(store, place)().read()


def test_a_missing_bucket_an_empty_prefix_and_a_dead_server(server: tuple[str, int]) -> None:
    url = "http://{}:{}".format(*server)
    with pytest.raises(DataError, match=r"^s3://nowhere/x: the bucket does not exist$"):
        loader(url, path="s3://nowhere/x")
    with pytest.raises(DataError, match=r"no \.tar file is below s3://sounds/none"):
        loader(url, path="s3://sounds/none")
    with pytest.raises(DataError, match=r"^s3://sounds/train: the server cannot be reached"):
        loader("http://127.0.0.1:9", retries=0)


def test_a_wrong_key_is_one_clear_error(server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """moto checks no keys, so the answer of a server that does is made up."""
    from botocore.exceptions import ClientError

    store = Storage(endpoint_url="http://{}:{}".format(*server))
    client, _ = store.client("s3://sounds")

    def refuse(*arguments: object, **options: object) -> None:
        answer = {"Error": {"Code": "InvalidAccessKeyId", "Message": f"key AKIAEXAMPLE {SECRET}"}}
        raise PermissionError("denied") from ClientError(answer, "ListObjectsV2")

    with monkeypatch.context() as patched:
        patched.setattr(client, "call_s3", refuse)
        with pytest.raises(StorageError, match=r"^s3://sounds/train: the access key is not known there") as error:
            store.find("s3://sounds/train", ".tar")
    assert "AKIA" not in str(error.value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(DataError, match="no credentials were found"):
        loader("http://{}:{}".format(*server))
    with pytest.raises(StorageError, match="the profile is not in"):
        Storage(profile="nobody").find("s3://sounds/train", ".tar")


def test_credentials_are_not_logged(server: tuple[str, int], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), FaultyProxy(server, share=0.3, longest=60_000) as proxy:
        names(loader(proxy.url, retries=20))
    assert SECRET not in caplog.text
    assert "AKIAEXAMPLE" not in caplog.text
    assert SECRET not in repr(Storage())
