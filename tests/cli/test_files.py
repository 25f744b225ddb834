"""Commands over many files: what is found, where it goes, and what happens when one fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.cli.files import Job, jobs, run_jobs
from narrows.cli.main import UserError
from narrows.cli.outputs import FolderOutput
from narrows.data import create_dataloader_from_config, inspect_folder


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for name in ("a.wav", "deep/er/b.FLAC", "cover.jpg"):
        (tmp_path / "music" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "music" / name).touch()
    return tmp_path / "music"


def test_folders_are_searched_and_their_layout_is_kept(music: Path) -> None:
    found = jobs([music], Path("out"), {".wav", ".flac"}, ".narrows")
    assert [(job.source.name, job.target) for job in found] == [
        ("a.wav", Path("out/a.narrows")),
        ("b.FLAC", Path("out/deep/er/b.narrows")),
    ]


def test_a_named_file_is_taken_whatever_its_ending(music: Path) -> None:
    assert jobs([music / "cover.jpg"], Path("out"), {".wav"}, ".narrows")[0].target == Path("out/cover.narrows")


def test_dots_in_names_survive(tmp_path: Path) -> None:
    (tmp_path / "two.dots.mp3.wav").touch()
    assert jobs([tmp_path], Path("out"), {".wav"}, ".narrows")[0].target == Path("out/two.dots.mp3.narrows")


def test_two_files_never_share_an_output(music: Path) -> None:
    (music / "a.flac").touch()
    with pytest.raises(UserError, match="would all become"):
        jobs([music], Path("out"), {".wav", ".flac"}, ".narrows")


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        jobs([tmp_path / "absent.wav"], Path("out"), {".wav"}, ".x")
    with pytest.raises(UserError, match="holds no file"):
        jobs([tmp_path], Path("out"), {".wav"}, ".x")


def test_a_failure_is_named_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = [Job(Path("bad.wav"), tmp_path / "bad.x"), Job(Path("good.wav"), tmp_path / "good.x")]

    def process(job: Job) -> str:
        if job.source.stem == "bad":
            raise ValueError("it is no audio")
        job.target.touch()
        return "done"

    assert run_jobs(work, process, FolderOutput(tmp_path), overwrite=False) == 1
    printed = capsys.readouterr()
    assert "bad.wav: it is no audio" in printed.err
    assert "good.wav" in printed.out
    assert run_jobs(work[1:], process, FolderOutput(tmp_path), overwrite=False) == 0
    assert "is there already" in capsys.readouterr().out


def test_every_command_finds_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links and every known ending are taken, junk is not, whoever searches."""
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    library, real = tmp_path / "library", tmp_path / "real"
    taken = ["linked/one.flac", "sub/five.oga", "sub/four.WAV", ".six.wav", "seven.aifc", "eight.caf"]
    junk = [".hidden/two.flac", "__MACOSX/three.flac", "sub/._four.WAV", "cover.jpg"]
    library.mkdir()
    real.mkdir()
    (library / "linked").symlink_to(real)
    (library / "loop").symlink_to(library)
    noise = np.random.default_rng(0).normal(0, 0.1, 4000)
    forms = {".oga": ("OGG", "VORBIS"), ".aifc": ("AIFF", "PCM_16"), ".caf": ("CAF", "PCM_16")}
    for name in taken:
        path = library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        form, subtype = forms.get(path.suffix, (path.suffix[1:].upper(), "PCM_16"))
        soundfile.write(path, noise, 8000, format=form, subtype=subtype)
    for name in junk:
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_bytes(b"junk")
    loader = create_dataloader_from_config(
        {"dataset_type": "audio_dir", "path": str(library)}, 1, 100, 8000, 1, num_workers=0
    )
    found = {
        "training": {info["relpath"] for _, infos in loader for info in infos},
        "data inspect": {file.path for file in inspect_folder(library).files},
        "encode, evaluate": {
            job.source.relative_to(library).as_posix()
            for job in jobs([library], Path("out"), {f".{ending}" for ending in AUDIO_ENDINGS}, ".narrows")
        },
    }
    assert all(names == set(taken) for names in found.values()), found
