"""Whatever a worker cannot hand over ends the run with a cause, within seconds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.sounds import write_sounds

from narrows.data import DataError, create_dataloader_from_config, transfer
from narrows.data.drawing import Batch

SECONDS = 60


class InTime:
    """Fails a test that waits for ever."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, lambda *_: pytest.fail("the loader waits for ever"))
        signal.alarm(self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)


def loader(folder: Path, code: str | None = None, **options: Any) -> Any:
    entry: dict[str, Any] = {"id": "set", "path": str(folder)}
    if code is not None:
        (folder / "code.py").write_text(code)
        entry["custom_metadata_module"] = str(folder / "code.py")
    document = {"dataset_type": "audio_dir", "datasets": [entry], "drop_last": False}
    return create_dataloader_from_config(document, 2, 256, 8000, 2, 2, allow_code=True, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_sounds(tmp_path / "set", 8)


@pytest.mark.parametrize(
    "value", ["lambda: 0", "__import__('threading').Lock()", "open(info['path'], 'rb')", "(i for i in [1])"]
)
def test_a_value_that_cannot_be_pickled_is_named(folder: Path, value: str) -> None:
    code = f"def get_custom_metadata(info, audio):\n    return {{'x': {value}}}\n"
    with InTime(SECONDS), pytest.raises(DataError, match=r"cannot hand over a batch: .*plain values"):
        list(loader(folder, code))


@pytest.mark.parametrize(
    "reason",
    [
        "unable to allocate shared memory(shm) for file </torch_1>: No space left on device (28)",
        "unable to open shared memory object </torch_1> in read-write mode: Too many open files (24)",
        "[Errno 24] Too many open files",
    ],
)
def test_full_shared_memory_is_explained(folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    class Full:
        @staticmethod
        def dumps(_: object) -> bytes:
            raise RuntimeError(reason)

    monkeypatch.setattr(transfer, "ForkingPickler", Full)  # workers are forked, and inherit it
    with InTime(SECONDS), pytest.raises(DataError, match=r"--shm-size=8g\), or lower num_workers"):
        list(loader(folder))


def test_a_worker_that_is_killed_ends_the_run_with_its_number(folder: Path) -> None:
    code = "import os, signal\ndef get_custom_metadata(info, audio):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    with InTime(SECONDS), pytest.raises(DataError, match=r"A data worker \(process \d+.*died"):
        list(loader(folder, code))


def test_metadata_of_every_plain_kind_arrives(folder: Path) -> None:
    code = (
        "import numpy as np, torch\n"
        "def get_custom_metadata(info, audio):\n"
        "    return {'a': np.arange(3), 't': torch.ones(2), 'n': None, 'l': [1, 'two', {'three': 3.0}]}\n"
    )
    for _, infos in loader(folder, code):
        for info in infos:
            assert np.array_equal(info["a"], np.arange(3))
            assert torch.equal(info["t"], torch.ones(2))
            assert info["l"] == [1, "two", {"three": 3.0}]


def test_batches_are_those_of_the_process_itself(folder: Path) -> None:
    entry = {"dataset_type": "audio_dir", "path": str(folder)}
    here = create_dataloader_from_config(entry, 2, 256, 8000, 2, 0)
    there = create_dataloader_from_config(entry, 2, 256, 8000, 2, 2)
    for (a, _), (b, _) in zip(here, there, strict=True):
        assert torch.equal(a, b)


def test_other_errors_pass_as_they_are() -> None:
    def broken() -> Iterator[Batch]:
        yield Batch(torch.zeros(1, 1, 1), None, [{}], [], 0)
        raise RuntimeError("something else")

    batches = transfer.received(broken())
    next(batches)
    with pytest.raises(RuntimeError, match="something else"):
        next(batches)
