"""Files and folders appear whole, and nothing that is not the writer's is touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.configs.files import OutputError, atomic_file, check_folder, sweep, write_folder, write_once

OWNED = ("config.json", "weights.bin", "*.part")
NAMES = st.sampled_from(["config.json", "weights.bin", "a.part", "b.part"])
FOREIGN = st.dictionaries(st.sampled_from(["README.md", "model.ckpt", ".hidden", "config.json.bak"]), st.binary())


def left_by_ended_process(folder: Path, start: str) -> Path:
    """A temporary's path, named as a process names it that has ended."""
    code = f"from narrows.configs.temporaries import temporary_name; print(temporary_name({start!r}), end='')"
    name = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    return folder / name


@pytest.fixture
def umask():
    old = os.umask(0o027)
    yield
    os.umask(old)


@given(before=st.dictionaries(NAMES, st.binary()), new=st.dictionaries(NAMES, st.binary(), min_size=1), foreign=FOREIGN)
def test_a_folder_ends_with_the_new_files_and_the_foreign_ones(tmp_path_factory, before, new, foreign) -> None:
    folder = tmp_path_factory.mktemp("out")
    for name, content in {**before, **foreign}.items():
        (folder / name).write_bytes(content)
    (folder / "notes").mkdir()
    with write_folder(folder, OWNED, last="config.json") as temporary:
        for name, content in new.items():
            (temporary / name).write_bytes(content)
    kept = {"config.json": before["config.json"]} if "config.json" in before and "config.json" not in new else {}
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert found == {**foreign, **kept, **new}
    assert (folder / "notes").is_dir()


@given(before=st.dictionaries(NAMES, st.binary()), foreign=FOREIGN)
def test_an_error_leaves_the_folder_as_it_was(tmp_path_factory, before, foreign) -> None:
    folder = tmp_path_factory.mktemp("out")
    for name, content in {**before, **foreign}.items():
        (folder / name).write_bytes(content)
    with pytest.raises(RuntimeError), write_folder(folder, OWNED) as temporary:
        _half(temporary / "weights.bin")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {**before, **foreign}


def _half(path: Path) -> None:
    path.write_bytes(b"half")
    raise RuntimeError


def test_no_reader_sees_the_last_file_beside_others_of_another_state(tmp_path: Path, monkeypatch) -> None:
    states = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        states.append({path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()})
        return replace(self, target)

    for version in ("old", "new"):
        monkeypatch.setattr(Path, "replace", watched)
        with write_folder(tmp_path, OWNED, last="config.json") as temporary:
            for name in ("config.json", "weights.bin"):
                (temporary / name).write_text(version)
    assert len(states) == 4
    assert all("config.json" not in state for state in states)


@pytest.mark.parametrize("name", [".", "$PWD", "link", "missing/deep"])
def test_any_way_to_name_a_folder(tmp_path: Path, monkeypatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    target = Path(name.replace("$PWD", str(tmp_path)))
    with write_folder(target, OWNED) as temporary:
        (temporary / "weights.bin").write_text("x")
    assert (target / "weights.bin").read_text() == "x"
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "link").is_symlink()


def test_a_linked_file_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("theirs")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/weights.bin").symlink_to("../elsewhere")
    with write_folder(tmp_path / "out", OWNED) as temporary:
        (temporary / "weights.bin").write_text("ours")
    assert (tmp_path / "elsewhere").read_text() == "theirs"
    assert (tmp_path / "out/weights.bin").read_text() == "ours"


def _write_for_the_owner_alone(path: Path) -> None:
    """As safetensors does: a file of its own, renamed into place."""
    private = path.with_suffix(".private")
    private.touch(mode=0o600)
    private.replace(path)


def test_permissions_follow_the_umask(tmp_path: Path, umask) -> None:
    with write_folder(tmp_path / "new", OWNED) as temporary:
        _write_for_the_owner_alone(temporary / "weights.bin")
    with atomic_file(tmp_path / "file") as path:
        _write_for_the_owner_alone(path)
    write_once(tmp_path / "once", "x")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"new": 0o750, "weights.bin": 0o640, "file": 0o640, "once": 0o640}


def test_what_is_in_the_way_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "out/weights.bin").mkdir(parents=True)
    for folder, words in ((tmp_path / "file", "is not a folder"), (tmp_path / "out", "is a folder")):
        with pytest.raises(OutputError, match=words):
            check_folder(folder, OWNED)
    with pytest.raises(OutputError, match="is a folder"), atomic_file(tmp_path / "out"):
        pytest.fail("the block must not run")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_denied_place_is_told_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="permission denied"):
        check_folder(tmp_path / "out")
    tmp_path.chmod(0o700)


def test_links_stay_links_and_pipes_are_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with atomic_file(tmp_path / "link") as path:
        path.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    with atomic_file(tmp_path / "pipe") as path:
        path.write_text("through")
    reader.join()
    assert read == ["through"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", ["a" * 250, "[x]", "ü" * 120, "-", "a b\n"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    with atomic_file(tmp_path / name) as path:
        path.write_text("x")
    write_once(tmp_path / f"{name[:200]}.once", "y")
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == ["x", "y"]


def test_the_first_to_write_once_wins(tmp_path: Path) -> None:
    write_once(tmp_path / "f", "first")
    left_by_ended_process(tmp_path, ".f").write_text("half")
    write_once(tmp_path / "f", "second")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "first"}


def test_writers_of_one_file_do_not_share_a_temporary(tmp_path: Path) -> None:
    """Threads of one process, and machines on which processes have the same number."""
    with atomic_file(tmp_path / "f") as one, atomic_file(tmp_path / "f") as other:
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "f").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_writers_of_one_place_leave_each_other_s_temporaries(tmp_path: Path, kind: str) -> None:
    """One ends, and tidies, while another is in the middle of writing."""
    target = tmp_path / "f"
    if kind == "file":
        with atomic_file(target) as slow:
            slow.write_text("slow")
            with atomic_file(target) as fast:
                fast.write_text("fast")
            sweep(target)
        assert target.read_text() == "slow"
        return
    target.mkdir()
    with write_folder(target, OWNED) as slow:
        (slow / "config.json").write_text("slow")
        with write_folder(target, OWNED) as fast:
            (fast / "config.json").write_text("fast")
    assert {path.name: path.read_text() for path in target.iterdir()} == {"config.json": "slow"}


def test_what_ended_processes_left_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    half = left_by_ended_process(folder, ".narrows")
    half.mkdir()
    (half / "config.json").write_text("half")
    with write_folder(folder, OWNED) as temporary:
        (temporary / "config.json").write_text("whole")
    assert [path.name for path in folder.iterdir()] == ["config.json"]


@pytest.mark.parametrize(("age", "gone"), [(0, False), (50 * 60, False), (2 * 3600, True)])
def test_a_temporary_of_another_machine_is_left_until_it_was_untouched_for_long(
    tmp_path: Path, age: float, gone: bool
) -> None:
    (tmp_path / "f").write_text("whole")
    theirs = tmp_path / ".f.00c0ffee_1_01234567.tmp"
    theirs.write_text("half")
    os.utime(theirs, times=(theirs.stat().st_atime, theirs.stat().st_mtime - age))
    sweep(tmp_path / "f")
    assert theirs.exists() is not gone
