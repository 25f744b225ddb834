"""A run whose folder is in a storage goes on from there, on a machine that knows nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support.training_cases import experiment_config, model_config, write_clips

from narrows.configs.storage import Storage
from narrows.models import load_model
from narrows.training import train

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Storage]:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    fsspec.filesystem("memory").store.clear()
    yield Storage()
    fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("checkpoint_format", ["file", "sharded"])
def test_a_run_goes_on_from_the_storage(checkpoint_format: str, memory: Storage, tmp_path: Path) -> None:
    data = write_clips(tmp_path / "clips")
    whole = train(experiment_config(data, tmp_path / "runs", model_config(), steps=4), progress=False)

    def remote(steps: int) -> dict[str, object]:
        options = {"save_dir": "memory://bucket/runs", "checkpoint_format": checkpoint_format, "keep_checkpoints": 1}
        return experiment_config(data, tmp_path, model_config(), steps=steps) | options

    first = train(remote(2), progress=False)
    assert first.address == f"memory://bucket/runs/{whole.folder.name}"
    shutil.rmtree(tmp_path / "cache")
    second = train(remote(4), progress=False)
    assert (first.step, second.step) == (2, 4)
    names = {place.address.removeprefix(f"{second.address}/") for place in memory.find(second.address or "")}
    assert {"experiment.json", "metrics.jsonl", "report.html"} <= names
    saved = {name for name in names if name.startswith("checkpoints/step=")}
    parts = {f"checkpoints/step=00000004/{name}" for name in ("__0_0.distcp", "values.ckpt", "tensors.json")}
    assert saved == ({"checkpoints/step=00000004.ckpt"} if checkpoint_format == "file" else parts)
    assert not any(name.rpartition("/")[2].startswith(".") for name in names)
    there, here = load_model(f"{second.address}/model"), load_model(whole.model)
    assert all(torch.equal(value, here.state_dict()[name]) for name, value in there.state_dict().items())
