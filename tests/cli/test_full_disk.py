"""Full disks and denied places: one line that names the path and the room left, exit 1, and nothing half-written.

A limit on the size of files stands in for a full disk: the same system calls fail, in the same libraries.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file
from support.tiny_bottlenecks import codec, document

from narrows.audio.writing import write_audio
from narrows.cli.main import main
from narrows.configs.files import OutputError, atomic_file, write_folder, write_once
from narrows.models import save_model


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save_model(codec("vae"), tmp_path / "model")
    (tmp_path / "music").mkdir()
    for name in ("a", "b"):
        noise = np.random.default_rng(0).normal(0, 0.1, 40000)
        soundfile.write(tmp_path / "music" / f"{name}.wav", noise, 8000)
    return tmp_path


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def assert_one_line(err: str, place: str) -> None:
    lines = [line for line in err.splitlines() if "cannot be written" in line]
    assert lines, err
    assert all(place in line and "bytes free" in line for line in lines)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("encode {0}/model {0}/music -o {0}/out", "out"),
        ("pre-encode ckpt_path={0}/model data.path={0}/music output_path={0}/out", "out"),
        ("convert {0}/raw.safetensors --config {0}/model/model_config.json -o {0}/out", "out"),
        ("export {0}/flat --format torch -o {0}/out", "out"),
        ("data pack {0}/music -o {0}/out", "out"),
        ("data inspect {0}/music --html {0}/out.html", "out.html"),
        ("data toys -o {0}/out", "out"),
    ],
)
def test_every_command_that_writes(command: str, target: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "raw.safetensors").write_bytes((place / "model" / "model.safetensors").read_bytes())
    if command.startswith("export"):
        save_model(codec("identity"), place / "flat")
    with files_up_to(2000):
        assert main(command.format(place).split()) == 1
    assert_one_line(capsys.readouterr().err, str(place / target))
    written = [name for name in contents(place) if name.startswith("out")]
    assert not [name for name in written if name.endswith((".tmp", ".narrows", ".tar", ".safetensors", ".html"))]


def test_decode_goes_on_with_the_other_files(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(place / "music" / "short.wav", np.zeros(400), 8000)
    assert main(f"encode {place}/model {place}/music -o {place}/codes".split()) == 0
    for form in ("wav", "flac"):
        with files_up_to(4000):
            assert main(f"decode {place}/model {place}/codes -o {place}/{form} --format {form}".split()) == 1
        shown = capsys.readouterr()
        assert_one_line(shown.err, str(place / form))
        assert "2 of 3 files failed" in shown.err
        assert contents(place / form) == [f"short.{form}"]


def test_decode_says_how_many_are_left(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(4):
        soundfile.write(place / "music" / f"c{number}.wav", np.zeros(9000), 8000)
    main(f"encode {place}/model {place}/music -o {place}/codes".split())
    with files_up_to(4000):
        assert main(f"decode {place}/model {place}/codes -o {place}/out".split()) == 1
    assert "3 files are left" in capsys.readouterr().err


def test_evaluate_into_a_full_device(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--json", "--html"):
        line = f"evaluate {place}/model {place}/music --seconds 0.5 {option} /dev/full"
        assert main(line.split()) == 1
        assert_one_line(capsys.readouterr().err, "/dev/full")


def test_train(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    losses = {"time": {"type": "l1", "weights": {"l1": 1.0}}}
    training = {
        **document("vae"),
        "sample_size": 800,
        "audio_channels": 1,
        "training": {"learning_rate": 1e-4, "loss_configs": losses},
    }
    (place / "model.json").write_text(json.dumps(training))
    line = (
        f"train data=audio_dir data.path={place}/music model_config={place}/model.json batch_size=1 steps=1 "
        f"save_dir={place}/runs num_workers=0 val_batches=0"
    )
    with files_up_to(4000):
        assert main(line.split()) == 1
    assert_one_line(capsys.readouterr().err, str(place / "runs"))
    assert not [name for name in contents(place / "runs") if name.endswith((".ckpt", ".tmp", ".safetensors"))]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO])
def test_every_way_of_writing_names_the_place(number: int, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"file cannot be written: .* bytes free"), atomic_file(tmp_path / "file"):
        raise OSError(number, os.strerror(number))
    with pytest.raises(OutputError, match="folder cannot be written"), write_folder(tmp_path / "folder", ("a",)):
        raise OSError(number, os.strerror(number))
    assert contents(tmp_path) == []
    assert not (tmp_path / "folder").exists()


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    for error in (ValueError("a"), RuntimeError("shape"), PermissionError(errno.EACCES, "denied", "/elsewhere/source")):
        with pytest.raises(type(error)) as caught, atomic_file(tmp_path / "file"):
            raise error
        assert caught.value is error


def test_libraries_with_words_of_their_own(tmp_path: Path) -> None:
    tensor = {"a": torch.zeros(5000)}
    with files_up_to(2000):
        with pytest.raises(OutputError, match="larger than the system allows"), atomic_file(tmp_path / "a") as path:
            save_file(tensor, path)
        with pytest.raises(OutputError, match="cannot be written"), atomic_file(tmp_path / "b") as path:
            torch.save(tensor, path)
        for ending in ("wav", "flac", "ogg", "aiff"):
            with pytest.raises(OutputError, match="cannot be written"):
                write_audio(tmp_path / f"c.{ending}", torch.rand(1, 40000) - 0.5, 8000)
        with pytest.raises(OutputError, match="cannot be written"):
            write_once(tmp_path / "d", "x" * 5000)
    assert contents(tmp_path) == []


@pytest.mark.long
def test_a_disk_that_is_really_full(place: Path) -> None:
    assert main(f"encode {place}/model {place}/music -o {place}/codes".split()) == 0
    disk = place / "disk"
    disk.mkdir()
    narrows = f"{sys.executable} -m narrows.cli"
    script = (
        f"mount -t tmpfs -o size=100k tmpfs {disk} || exit 77; "
        f"{narrows} decode {place}/model {place}/codes -o {disk}/out; echo code $?; ls -A {disk}/out"
    )
    result = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if result.returncode == 77 or "unshare" in result.stderr:
        pytest.skip("this machine mounts nothing for us")
    assert "code 1" in result.stdout
    assert "no space is left on the device" in result.stderr
    assert_one_line(result.stderr, str(disk / "out"))
    assert ".tmp" not in result.stdout
    assert result.stdout.rstrip().endswith("a.wav") or result.stdout.rstrip().endswith("code 1")
