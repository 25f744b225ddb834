from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import noise, write_sounds

from narrows.data import index
from narrows.data.index import index_folder
from narrows.data.scan import Selection, find_files

WAV = Selection(("wav",))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose headers were read."""
    names: list[str] = []
    original = index.open_audio

    def counted(path: str):
        names.append(Path(path).name)
        return original(path)

    monkeypatch.setattr(index, "open_audio", counted)
    return names


def test_the_second_start_opens_only_what_changed(tmp_path: Path, opened: list[str]) -> None:
    root = write_sounds(tmp_path / "set", 5)
    (root / "bad.wav").write_text("no sound")
    bad: dict[str, str] = {}
    first = index_folder(root, WAV, bad.setdefault)
    assert len(opened) == 6
    opened.clear()
    again: dict[str, str] = {}
    second = index_folder(root, WAV, again.setdefault)
    assert opened == []
    assert again == bad
    assert list(second.names) == list(first.names) == [f"{n:03d}.wav" for n in range(5)]
    np.testing.assert_array_equal(second.frames, first.frames)
    soundfile.write(root / "001.wav", noise(77), 16000)
    (root / "bad.wav").unlink()
    soundfile.write(root / "new.wav", noise(55), 8000)
    third = index_folder(root, WAV, again.setdefault)
    assert sorted(opened) == ["001.wav", "new.wav"]
    assert third.frames.tolist()[1] == 77
    assert third.frames.tolist()[5] == 55


def test_a_large_set_is_checked_by_folder(tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "CHECK_FILES", 2)
    root = write_sounds(tmp_path / "set", 5)
    index_folder(root, WAV, dict[str, str]().setdefault)
    monkeypatch.setattr(index, "find_files", lambda *a: pytest.fail("searched again"))
    assert len(index_folder(root, WAV, dict[str, str]().setdefault)) == 5
    monkeypatch.undo()
    soundfile.write(root / "new.wav", noise(55), 8000)
    assert len(index_folder(root, WAV, dict[str, str]().setdefault)) == 6


def test_a_damaged_or_unwritable_cache_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_sounds(tmp_path / "set", 3)
    index_folder(root, WAV, dict[str, str]().setdefault)
    for file in (tmp_path / "cache").rglob("*.npz"):
        file.write_bytes(file.read_bytes()[:100])
    assert len(index_folder(root, WAV, dict[str, str]().setdefault)) == 3
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "file"))
    assert len(index_folder(root, WAV, dict[str, str]().setdefault)) == 3


def test_searching(tmp_path: Path) -> None:
    for name in ("a/x.WAV", "a/b/y.flac", ".hidden.wav", "._x.wav", ".git/z.wav", "__MACOSX/q.wav", "drum kick.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "self.wav").symlink_to("self.wav")
    assert find_files(tmp_path, WAV).names == [".hidden.wav", "a/x.WAV", "drum kick.wav", "self.wav"]
    assert find_files(tmp_path, Selection(("wav", "flac"), ("A/",))).names == ["a/b/y.flac", "a/x.WAV"]
    (tmp_path / "list.txt").write_text("# two\na/x.WAV\n\na/b/y.flac\n")
    assert find_files(tmp_path, Selection(("wav",), (), "list.txt")).names == ["a/x.WAV", "a/b/y.flac"]
    (tmp_path / "list.txt").write_text("../outside.wav\n")
    with pytest.raises(ValueError, match="not below"):
        find_files(tmp_path, Selection(("wav",), (), "list.txt"))


@pytest.mark.skipif(os.geteuid() == 0, reason="a superuser can list every folder")
def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    errors: dict[str, str] = {}
    find_files(tmp_path, WAV, errors.setdefault)
    assert errors == {str(tmp_path / "closed"): "the folder cannot be listed: Permission denied"}
