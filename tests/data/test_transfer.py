"""Whatever a worker cannot hand over ends the run with a cause, within seconds."""

from __future__ import annotations

import multiprocessing
import re
import signal
import tarfile
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


def loader(
    folder: Path, code: str | None = None, *, kind: str = "audio_dir", num_workers: int = 2, **options: Any
) -> Any:
    entry: dict[str, Any] = {"id": "set", "path": str(folder)}
    if kind == "wds":
        with tarfile.open(folder / "a.tar", "w") as tar:
            for path in sorted(folder.glob("*.wav")):
                tar.add(path, path.name)
    if code is not None:
        (folder / "code.py").write_text(code)
        entry["custom_metadata_module"] = str(folder / "code.py")
    document = {"dataset_type": kind, "datasets": [entry], "drop_last": False}
    return create_dataloader_from_config(document, 2, 256, 8000, 2, num_workers, allow_code=True, **options)


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


WAYS_TO_FAIL = {
    "exit": ("sys.exit('no caption')", "SystemExit: no caption"),
    "exit without a word": ("sys.exit(0)", "SystemExit: 0"),
    "an error of its own": ("raise Own(1, 2)", "Own: odd"),
    "no error at all": ("raise Stop('enough')", "Stop: enough"),
    "the end of something else": ("next(iter([]))", "StopIteration"),
    "an error with a reference to a lock": ("raise Locked('key')", "Locked: key"),
    "a value that raises when it is sent": ("return {'x': Bad()}", "Own: odd"),
    "a value that exits when it is sent": ("return {'x': Bad(SystemExit)}", "SystemExit"),
    "a value that cannot be made again": ("return {'x': Lasting(int, 'q')}", "ValueError: invalid literal"),
    "a value that exits when it is made again": ("return {'x': Lasting(sys.exit, 3)}", "SystemExit: 3"),
}
OWN = """
import sys, threading
class Own(Exception):
    def __init__(self, a, b): super().__init__('odd'); self.call = lambda: 0
class Locked(Own):
    def __init__(self, text): Exception.__init__(self, text); self.lock = threading.Lock()
class Stop(BaseException): pass
class Bad:
    def __init__(self, error=None): self.error = error
    def __reduce__(self): raise (self.error or Own(1, 2))
class Lasting:
    def __init__(self, *made): self.made = made
    def __reduce__(self): return self.made[0], self.made[1:]
def get_custom_metadata(info, audio):
    """


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
@pytest.mark.parametrize("kind", ["audio_dir", "wds"])
def test_however_code_in_a_worker_fails_the_cause_arrives(folder: Path, kind: str, way: str) -> None:
    statement, cause = WAYS_TO_FAIL[way]
    with InTime(SECONDS), pytest.raises((DataError, RuntimeError), match=re.escape(cause)):
        list(loader(folder, OWN + statement, kind=kind))


def test_the_end_of_something_else_is_not_the_end_of_the_data_without_workers(folder: Path) -> None:
    with pytest.raises(DataError, match=r"Reading data failed: StopIteration \(.*code.py, line"):
        list(loader(folder, OWN + "next(iter([]))", num_workers=0))


def test_errors_that_can_be_sent_keep_their_class(folder: Path) -> None:
    with InTime(SECONDS), pytest.raises(ZeroDivisionError):
        list(loader(folder, OWN + "1 / 0"))


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


def test_after_an_error_no_worker_is_left_and_new_ones_read_on(folder: Path) -> None:
    code = (
        "import os\ndef get_custom_metadata(info, audio):\n"
        "    return {'x': 1 / (1 - os.path.exists(info['path'] + 'x'))}\n"
    )
    batches = loader(folder, code)
    flags = [path.with_name(f"{path.name}x") for path in folder.glob("*.wav")]
    for flag in flags:
        flag.touch()
    with InTime(SECONDS), pytest.raises(ZeroDivisionError):
        list(batches)
    assert not multiprocessing.active_children()
    for flag in flags:
        flag.unlink()
    with InTime(SECONDS):
        assert sum(len(infos) for _, infos in batches) == len(flags)


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
