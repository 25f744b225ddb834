"""A prompt file whose run is killed: the files are those of an undisturbed run."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import tiny_diffusion

from narrows.models import save_model


def command(model: Path, prompts: Path, out: Path) -> list[str]:
    words = ["generate", str(model), "--prompts", str(prompts), "-o", str(out), "--device", "cpu", "--steps", "8"]
    return [sys.executable, "-m", "narrows.cli", *words, "--seconds", "0.3", "--batch-size", "3"]


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def finish(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr


def kill_after(words: list[str], out: Path, sounds: int) -> None:
    """Kill a run, SIGKILL, as soon as there are so many sounds."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    while process.poll() is None and len(list(out.glob("*.json"))) < sounds:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() in (-signal.SIGKILL, 0)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_model(tiny_diffusion.build(), tmp_path / "model")


def prompts(folder: Path, count: int) -> Path:
    path = folder / "prompts.txt"
    path.write_text("".join(f"{word}\n" for word in ["jazz", "rock"] * (count // 2)))
    return path


def test_a_run_that_is_killed_goes_on(model: Path, tmp_path: Path) -> None:
    file = prompts(tmp_path, 8)
    finish(command(model, file, tmp_path / "whole"))
    kill_after(command(model, file, tmp_path / "broken"), tmp_path / "broken", 2)
    assert 2 <= len(list((tmp_path / "broken").glob("*.json"))) <= 8
    finish(command(model, file, tmp_path / "broken"))
    assert hashes(tmp_path / "whole") == hashes(tmp_path / "broken")


@pytest.mark.long
def test_a_run_that_is_killed_five_times_goes_on(model: Path, tmp_path: Path) -> None:
    file = prompts(tmp_path, 20)
    finish(command(model, file, tmp_path / "whole"))
    assert len(hashes(tmp_path / "whole")) == 40
    for sounds in (1, 5, 8, 13, 17):
        kill_after(command(model, file, tmp_path / "broken"), tmp_path / "broken", sounds)
    finish(command(model, file, tmp_path / "broken"))
    assert hashes(tmp_path / "whole") == hashes(tmp_path / "broken")
