"""Models published to a hub, and used from there, as a user types it; the hub is a stand-in on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
import torch
from support.command_matrix import autoencoder, run
from support.hub_server import Hub, hub

from narrows.models import create_model_from_config, save_model

pytestmark = pytest.mark.slow
FSQ = {"type": "fsq", "config": {"dim": 6, "levels": [3] * 6}}


@pytest.fixture
def server() -> Iterator[Hub]:
    with hub() as running:
        yield running


ASK = """
import sys
from narrows.models.hub import HubError, local_model
for address in sys.argv[1:]:
    try:
        print(local_model(address))
    except HubError as error:
        print(str(error))
"""
CLI = ("-m", "narrows.cli")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return save_model(create_model_from_config(autoencoder(FSQ) | {"license": "cc-by-4.0"}), tmp_path / "model")


def python(server: Hub, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "HF_ENDPOINT": server.url,
        "HF_HOME": str(folder / "cache"),
        "HF_TOKEN": "hf_x",
        "NO_PROXY": "127.0.0.1",
    }
    environment = {**os.environ, "HF_HUB_DISABLE_XET": "1", **settings, **more}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_model_is_published_and_used_from_there(server: Hub, model: Path, tmp_path: Path) -> None:
    figures = {"models": {"model": {"total": {"si_sdr": 3.25, "pesq": None}}}}
    (tmp_path / "figures.json").write_text(json.dumps(figures))
    sent = python(server, tmp_path, *CLI, "publish", "model", "hf://me/codec", "--figures", "figures.json")
    assert sent.returncode == 0, sent.stderr
    assert f"{server.url}/me/codec/commit/" in sent.stdout
    files = server.repositories["me/codec"]["main"]
    assert sorted(files) == ["README.md", "config.json", "model.safetensors", "model_config.json"]
    assert b"license: cc-by-4.0" in files["README.md"]
    assert b"| si_sdr | 3.25 |" in files["README.md"]
    files["model.ckpt"] = b"large, and not needed"
    soundfile.write(tmp_path / "a.wav", 0.1 * torch.randn(4000).numpy(), 8000)
    for address, offline in (("hf://me/codec", "0"), ("hf://me/codec@main", "1")):
        used = python(
            server,
            tmp_path,
            *CLI,
            "encode",
            address,
            str(tmp_path / "a.wav"),
            "-o",
            "codes",
            "--overwrite",
            HF_HUB_OFFLINE=offline,
        )
        assert used.returncode == 0, used.stderr
    assert run(["encode", str(model), str(tmp_path / "a.wav"), "-o", str(tmp_path / "local")]).code == 0
    codes = [next((tmp_path / name).iterdir()).read_bytes() for name in ("codes", "local")]
    assert codes[0] == codes[1]
    assert not [line for line in server.requests if "model.ckpt" in line]


def test_what_is_not_there_is_one_message(server: Hub, tmp_path: Path) -> None:
    server.repositories["me/empty"] = {"main": {"notes.txt": b"x"}}
    expected = {
        "hf://me/none": "hf://me/none: RepositoryNotFoundError",
        "hf://me/empty@v2": "hf://me/empty@v2: RevisionNotFoundError",
        "hf://me/empty": "hf://me/empty holds no model",
        "hf://empty": "hf://empty is no address of a model",
    }
    asked = python(server, tmp_path, "-c", ASK, *expected)
    assert asked.returncode == 0, asked.stderr
    for message, said in zip(expected.values(), asked.stdout.splitlines(), strict=True):
        assert said.startswith(message)


def test_a_users_papers_are_published_as_they_are(server: Hub, model: Path, tmp_path: Path) -> None:
    (model / "README.md").write_text("# Mine\n")
    (model / "LICENSE").write_text("as you like")
    sent = python(server, tmp_path, *CLI, "publish", "model", "hf://me/codec@main", "--private")
    assert sent.returncode == 0, sent.stderr
    files = server.repositories["me/codec"]["main"]
    assert (files["README.md"], files["LICENSE"]) == (b"# Mine\n", b"as you like")
    outcome = run(["publish", str(model / "README.md"), "hf://me/codec"])
    assert outcome.code == 1
    assert "is no model folder" in outcome.error
