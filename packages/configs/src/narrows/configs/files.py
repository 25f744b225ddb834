"""Writing files and folders so that they appear whole or not at all, and nothing else is touched.

Everything is written under a temporary name first, synced, and renamed. In a folder that exists, files are replaced one
by one, and only those that the writer calls its own: a licence, a checkpoint or a note beside them stays. Permissions
are those that the umask gives, also where a library (safetensors) makes its files for their owner alone.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from glob import escape
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from narrows.configs.temporaries import abandoned, temporary_name
from narrows.configs.write_errors import OutputError, named_when_it_fails

__all__ = ["OutputError", "atomic_file", "check_folder", "sweep", "sync", "write_folder", "write_once"]


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; renamed to it, after fsync, when the block ends well.

    A link stays a link: the file it points to is replaced. What is no regular file (a pipe, a device) cannot be
    replaced and is written to.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder: give the name of a file")
    with named_when_it_fails(path), _written(path) as temporary:
        yield temporary


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    if path.exists() and not path.is_file():
        with _written_through(path) as temporary:
            yield temporary
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    try:
        temporary.touch()
        mode = stat.S_IMODE(temporary.stat().st_mode)
        yield temporary
        _permit(temporary, mode)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _written_through(path: Path) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        temporary = Path(folder) / "content"
        yield temporary
        with temporary.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)


def write_once(path: Path, text: str) -> None:
    """Write a file unless there is one; of several processes the first wins, and all read what it wrote."""
    if not path.exists():
        temporary = _beside(path)
        try:
            with named_when_it_fails(path):
                with temporary.open("w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                # Linking fails where renaming would replace.
                with suppress(FileExistsError, FileNotFoundError):
                    path.hardlink_to(temporary)
        finally:
            temporary.unlink(missing_ok=True)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove what killed processes left of a file that is there now; not what others are writing."""
    for leftover in path.parent.glob(f"{escape(_hidden(path))}.*.tmp"):
        if abandoned(leftover):
            leftover.unlink(missing_ok=True)


@contextmanager
def write_folder(path: Path, owned: Collection[str], last: str | None = None) -> Iterator[Path]:
    """A temporary folder whose files replace those of `path`, after fsync, when the block ends well.

    A new folder appears at once. In one that exists, files are renamed into place one by one; owned files that are not
    written again are removed, and everything else is left as it is.

    Args:
        path: the folder.
        owned: names, or patterns of names, of the files that the writer may replace. It may write no others.
        last: the owned file without which a reader refuses the folder. Where it changes it is removed first and comes
            last, so that no reader sees it beside files of another state.

    Raises:
        OutputError: the folder cannot be written, or a name of the writer is taken by a folder.
    """
    path = Path(os.path.realpath(path))
    check_folder(path, owned)
    with named_when_it_fails(path), _folder_written(path, owned, last) as temporary:
        yield temporary


@contextmanager
def _folder_written(path: Path, owned: Collection[str], last: str | None) -> Iterator[Path]:
    exists = path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path / temporary_name(".narrows") if exists else _beside(path)
    for leftover in path.glob(".narrows.*.tmp"):
        if abandoned(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    temporary.mkdir()
    mode = stat.S_IMODE(temporary.stat().st_mode)
    try:
        yield temporary
        written = {file.name for file in temporary.iterdir()}
        if foreign := [name for name in written if not _is_owned(name, owned)]:
            raise ValueError(f"not among the owned files: {', '.join(sorted(foreign))}")
        for file in temporary.rglob("*"):
            _permit(file, mode if file.is_dir() else mode & 0o666)
            sync(file)
        if exists:
            _replace(path, temporary, owned, last)
        else:
            temporary.rename(path)
            sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_folder(path: Path, owned: Collection[str] = ()) -> None:
    """Refuse a folder that cannot be written, before the work whose results go there.

    Raises:
        OutputError: it says why.
    """
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise OutputError(f"{nearest} is not a folder: nothing can be written below it")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(f"{nearest} cannot be written: permission denied")
    if path.is_dir():
        taken = [entry.name for entry in path.iterdir() if entry.is_dir() and _is_owned(entry.name, owned)]
        if taken:
            raise OutputError(f"{path / taken[0]} is a folder, but a file of that name must be written. Move it away")


def _replace(path: Path, temporary: Path, owned: Collection[str], last: str | None) -> None:
    """Put written files in the place of owned ones."""
    new = {file.name for file in temporary.iterdir()}
    if last in new and last is not None and (path / last).exists():
        if (path / last).read_bytes() == (temporary / last).read_bytes():
            new.discard(last)
        else:
            (path / last).unlink()
            sync(path)
    for name in sorted(new, key=lambda name: name == last):
        (temporary / name).replace(path / name)
        sync(path)
    kept = new | {last}
    for entry in list(path.iterdir()):
        if _is_owned(entry.name, owned) and entry.name not in kept and not entry.is_dir():
            entry.unlink()
    sync(path)


def _is_owned(name: str, owned: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in owned)


def _beside(path: Path) -> Path:
    return path.with_name(temporary_name(_hidden(path)))


def _hidden(path: Path) -> str:
    """Start of the names of temporaries; a name that would become too long is abbreviated."""
    name = path.name
    if len(os.fsencode(name)) > 200:
        name = sha256(os.fsencode(name)).hexdigest()[:32]
    return f".{name}"


def _permit(path: Path, mode: int) -> None:
    """Set permissions where they differ: not every file system takes them."""
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
