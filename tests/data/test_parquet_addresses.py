"""Parquet files behind s3://, http:// and hf://, from servers on this machine: rows and order are as in the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support.hub_server import Hub, hub
from support.parquet_sounds import RATE, write_files
from support.s3_server import s3_server

from narrows.data import DataError, create_dataloader_from_config

pytest.importorskip("pyarrow")
boto3 = pytest.importorskip("boto3")
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write_files(tmp_path / "set")


def numbers_of(path: Path | str, **entry: Any) -> list[list[int]]:
    document = {"dataset_type": "parquet", "silence_threshold_db": None}
    document["datasets"] = [{"id": "a", "path": str(path), **entry}]
    loader = create_dataloader_from_config(document, 8, 100, RATE, 1, 0, on_skip=lambda *_: None)
    return [[info["number"] for info in infos] for _, infos in loader]


def test_a_bucket(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as (host, port):
        url = f"http://{host}:{port}"
        client = boto3.client("s3", endpoint_url=url)
        client.create_bucket(Bucket="sounds")
        for file in sorted(files.rglob("*.parquet")):
            client.upload_file(str(file), "sounds", f"set/{file.relative_to(files)}")
        found = numbers_of("s3://sounds/set", endpoint_url=url)
        assert found == numbers_of(files)
        with pytest.raises(DataError, match="the bucket does not exist"):
            numbers_of("s3://nowhere/set", endpoint_url=url)


class Files(ThreadingHTTPServer):
    """A web server of one folder; it gives parts of files unless told not to, and counts bytes."""

    def __init__(self, root: Path, parts: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), FileHandler)
        self.root, self.parts, self.sent = root, parts, 0


class FileHandler(BaseHTTPRequestHandler):
    server: Files

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.server.root / self.path.lstrip("/").partition("?")[0]
        if not path.is_file():
            return self.send_error(404)
        content, part = path.read_bytes(), self.headers.get("Range")
        if part is None or not self.server.parts:
            self.send_response(200)
        else:
            first, _, last = part.removeprefix("bytes=").partition("-")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
            content = content[int(first) : int(last) + 1]
        self.send_header("Accept-Ranges", "bytes" if self.server.parts else "none")
        self.send_header("ETag", f'"{path.stat().st_mtime_ns}"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.server.sent += len(content)
            self.wfile.write(content)


@pytest.fixture
def web(files: Path) -> Iterator[Files]:
    with Files(files) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_file_of_a_web_server(files: Path, web: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    file = sorted(files.rglob("*.parquet"))[0]
    address = f"http://127.0.0.1:{web.server_port}/{file.relative_to(files)}"
    assert numbers_of(address) == numbers_of(file)
    with pytest.raises(DataError, match=r"lists no files: name one that ends in \.parquet"):
        numbers_of(address.rpartition("/")[0])
    with pytest.raises(DataError, match="does not exist"):
        numbers_of(address.replace("train", "test"))
    web.parts = False
    with pytest.raises(DataError, match="does not give parts of its files"):
        numbers_of(address)


# The endpoint is read when huggingface_hub is imported.
READ = """
import json, sys
from narrows.data import create_dataloader_from_config
document = {"dataset_type": "parquet", "silence_threshold_db": None, "datasets": [{"id": "a", "path": sys.argv[1]}]}
loader = create_dataloader_from_config(document, 8, 100, int(sys.argv[2]), 1, 0)
batches = [[info["number"] for info in infos] for _, infos in loader]
print(json.dumps([batches, infos[0]["path"] if (infos := next(iter(loader))[1]) else ""]))
"""


@pytest.fixture
def server() -> Iterator[Hub]:
    with hub() as running:
        yield running


@pytest.mark.parametrize("revision", ["", "@v2"])
def test_a_data_set_of_a_hub(files: Path, server: Hub, revision: str, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    content = {str(file.relative_to(files)): file.read_bytes() for file in sorted(files.rglob("*.parquet"))}
    content["README.md"] = b"# Sounds"
    server.repositories["datasets/me/sounds"] = {"main": {} if revision else content, "v2": content}
    settings = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "cache"), "NO_PROXY": "127.0.0.1"}
    address = f"hf://datasets/me/sounds{revision}"
    done = subprocess.run(
        [sys.executable, "-c", READ, address, str(RATE)],
        env={**os.environ, "HF_HUB_DISABLE_XET": "1", **settings},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    batches, path = json.loads(done.stdout.splitlines()[-1])
    assert batches == numbers_of(files)
    assert path.startswith("hf://datasets/me/sounds")
