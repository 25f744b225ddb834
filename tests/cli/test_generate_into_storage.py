"""`generate` into a bucket: sounds are put whole, and a rerun fetches none of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import torch
from support import tiny_diffusion
from support.command_matrix import run
from support.s3_server import s3_server

from narrows.configs.storage import Storage, StorageError, Stored
from narrows.models import save_model
from narrows.pipelines.generation import storing

boto3 = pytest.importorskip("boto3")
pytest.importorskip("s3fs")
OUT = "s3://sounds/out"
RESET = "moto-api/reset"
"""The server of a process keeps buckets until it is told otherwise."""


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_server() as place:
        url = "http://{}:{}".format(*place)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with urlopen(Request(f"{url}/{RESET}", method="POST")):
            pass
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="sounds")
        yield Storage()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save_model(tiny_diffusion.build(), tmp_path_factory.mktemp("model") / "model")


def generate(model: Path, out: str, *words: str) -> tuple[int, str]:
    asked = ["jazz", "rock", "--count", "2", "--seconds", "0.1", "--steps", "2", "--batch-size", "2", "--device", "cpu"]
    outcome = run(["generate", str(model), *asked, "-o", out, *words])
    return outcome.code, outcome.error


def objects(storage: Storage) -> dict[str, bytes]:
    return {p.address.removeprefix(f"{OUT}/"): storage.read(p.address) for p in storage.find(OUT)}


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of objects as they are fetched."""
    names: list[str] = []
    download = Storage.download

    def noted(self: Storage, place: Stored, target: Path) -> None:
        names.append(target.name)
        download(self, place, target)

    monkeypatch.setattr(Storage, "download", noted)
    return names


def test_a_rerun_lists_and_makes_what_is_missing(
    model: Path, storage: Storage, tmp_path: Path, fetched: list[str]
) -> None:
    assert generate(model, str(tmp_path / "here"))[0] == 0
    wanted = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert len(wanted) == 8
    code, said = generate(model, OUT)
    assert (code, "4 written, 0 there already" in said) == (0, True), said
    assert objects(storage) == wanted
    code, said = generate(model, OUT, "--dry-run")
    assert (code, objects(storage) == wanted) == (0, True)

    fetched.clear()
    code, said = generate(model, OUT)
    assert (code, "0 written, 4 there already" in said) == (0, True), said
    assert sorted(fetched) == sorted(name for name in wanted if name.endswith(".json"))
    storage.remove(f"{OUT}/0001-jazz.wav")
    storage.remove(f"{OUT}/0002-rock.json")
    storage.put_new(b"[]", f"{OUT}/{storing.MARK}1.json")
    code, said = generate(model, OUT)
    assert code == 1  # a sound without a JSON that no mark names
    assert f"{OUT}/0002-rock.wav: this file was not made by a generation" in said
    storage.remove(f"{OUT}/0002-rock.wav")
    code, said = generate(model, OUT, "--html", str(tmp_path / "page.html"))
    assert (code, "2 written, 2 there already" in said) == (0, True), said
    assert {name: content for name, content in objects(storage).items() if name in wanted} == wanted
    assert (tmp_path / "page.html").read_text().count("<audio") == 4
    # Other options make other sounds, in place of those.
    code, said = generate(model, OUT, "--seed", "9")
    assert (code, "4 written, 0 there already" in said) == (0, True), said


def test_a_run_that_dies_between_a_sound_and_its_json_goes_on(
    model: Path, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Storage.put

    def dies(self: Storage, local: Path, address: str) -> None:
        if address.endswith("0002-rock.json"):
            raise StorageError(f"{address}: the server cannot be reached")
        put(self, local, address)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put", dies)
        code, said = generate(model, OUT)
    assert (code, "cannot be reached" in said) == (1, True)
    names = objects(storage).keys()
    assert {"0001-jazz.json", "0002-rock.wav"} <= names
    assert "0002-rock.json" not in names
    code, said = generate(model, OUT)
    assert (code, "2 written, 2 there already" in said) == (0, True), said
    assert generate(model, str(tmp_path / "here"))[0] == 0
    assert objects(storage) == {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}


def test_what_others_made_stays(model: Path, storage: Storage) -> None:
    storage.put_new(b"mine", f"{OUT}/0003-rock.wav")
    code, said = generate(model, OUT)
    assert code == 1
    assert f"{OUT}/0003-rock.wav: this file was not made by a generation" in said
    assert objects(storage) == {"0003-rock.wav": b"mine"}
