"""Shards: .tar files of samples in the layout of WebDataset, written whole or not at all, and read at any place.

A sample is a run of members with the same key (`narrows.data.samples`): `000012.npy`, `000012.json`.
"""

from __future__ import annotations

import io
import logging
import posixpath
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from narrows.configs.files import atomic_file
from narrows.data.errors import AudioFileError, shown, system_reason
from narrows.data.samples import Grouped, left_over, leftovers_text, runs, samples_of

log = logging.getLogger("narrows.data")

MAX_MEMBER = 1 << 30
"""Bytes; a larger member is no sample."""


class Part(NamedTuple):
    """Where a member lies in its shard."""

    offset: int
    size: int


class Sample(NamedTuple):
    """A sample of a shard, by key and ending."""

    key: str
    parts: Mapping[str, Part]


class StrictHeader(tarfile.TarInfo):
    """Header of a member; unlike tarfile's own it does not take the end of the file for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a header block."""
        if len(buf) != tarfile.BLOCKSIZE:
            raise tarfile.ReadError("cut off, its end mark is missing")
        return super().frombuf(buf, encoding, errors)


def index_shard(path: Path, left_out: Callable[[str], object] | None = None) -> list[Sample]:
    """The samples of a shard, from the headers of its members; nothing is unpacked.

    Args:
        path: the shard.
        left_out: told the name of each member that no sample reads; None writes them to the log.

    Raises:
        AudioFileError: it is no tar file, is compressed, damaged before its end, or holds a name twice.
    """
    places: dict[str, Part] = {}
    try:
        size = path.stat().st_size
        with tarfile.open(path, "r:", tarinfo=StrictHeader) as archive:
            for member in archive:
                if member.islnk() or member.issym():
                    # What tar makes of copies: the content is that of the member it points to.
                    target = _target(member)
                    if target in places:
                        places[member.name] = places[target]
                    else:
                        log.warning("%s: %r is a link to %r, which is not in it", shown(path), member.name, target)
                if not member.isreg():
                    continue
                if member.size > MAX_MEMBER or member.offset_data + member.size > size:
                    raise AudioFileError(path, f"is cut off within {member.name!r}")
                if member.name in places:
                    raise AudioFileError(path, f"holds {member.name!r} twice")
                places[member.name] = Part(member.offset_data, member.size)
    except tarfile.TarError as error:
        raise AudioFileError(path, f"is no uncompressed tar file, or damaged: {error}") from error
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error
    groups: list[Grouped] = []
    left: list[str] = []
    for run in runs(places):
        samples = samples_of(run)
        groups += samples
        left += left_over(run, samples)
    _tell_left(path, left, left_out)
    return [Sample(g.key, {ending: places[name] for ending, name in g.members.items()}) for g in groups]


def _tell_left(path: Path, left: Sequence[str], left_out: Callable[[str], object] | None) -> None:
    if left_out is None:
        if left:
            log.warning("%s: %s", shown(path), leftovers_text(left))
        return
    for name in left:
        left_out(name)


def _target(link: tarfile.TarInfo) -> str:
    """The name of the member that a link points to: of a hard link from the root, of a symbolic one from its folder."""
    if link.islnk():
        return link.linkname
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.name), link.linkname))


def read_part(path: Path, part: Part) -> bytes:
    """The content of a member."""
    try:
        with path.open("rb") as file:
            file.seek(part.offset)
            data = file.read(part.size)
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error
    if len(data) < part.size:
        raise AudioFileError(path, f"is cut off: {part.size} bytes at {part.offset} are wanted, {len(data)} are there")
    return data


def members(
    stream: IO[bytes], name: str, left_out: Callable[[str, str], object] = lambda member, reason: None
) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each member of a shard that is read from front to back.

    WebDataset's own iterator also takes compressed shards, which can unpack to any size; this one does not, and
    believes no size above `MAX_MEMBER`. Names are only keys: nothing is ever written under them.

    Args:
        stream: the shard.
        name: of it, for messages.
        left_out: told name and reason of each member whose content is elsewhere in the shard, as that of links is.

    Raises:
        AudioFileError: the shard is damaged.
    """
    try:
        archive: Any
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=StrictHeader) as archive:
            for member in archive:
                if member.islnk() or member.issym():
                    left_out(member.name, f"is a link to {_target(member)!r}: pack the file itself")
                if not member.isreg():
                    continue
                if member.size > MAX_MEMBER:
                    raise AudioFileError(name, f"the member {member.name!r} claims {member.size} bytes")
                file = archive.extractfile(member)
                data = file.read() if file else b""
                if len(data) < member.size:
                    raise AudioFileError(name, f"is cut off within {member.name!r}")
                yield member.name, data
                archive.members.clear()  # tarfile would remember every member
    except (tarfile.TarError, ValueError, OverflowError) as error:
        if isinstance(error, AudioFileError):
            raise
        raise AudioFileError(name, f"is no uncompressed tar file, or damaged: {error}") from error


class _Abandoned(Exception):
    """Ends the block of a shard that is not to be kept."""


class ShardWriter:
    """Writes samples to numbered shards; each appears under its name when it is complete.

    Args:
        folder: where they go; made when it is missing.
        prefix: start of their names, before the number.
        max_samples: samples of a shard.
        max_bytes: size of a shard after which the next is begun.
        finished: told each shard that is complete, which it may move away.
    """

    def __init__(
        self,
        folder: str | Path,
        prefix: str = "shard",
        max_samples: int = 10_000,
        max_bytes: int = 1 << 30,
        finished: Callable[[Path], object] = lambda shard: None,
    ) -> None:
        self.folder, self.prefix = Path(folder), prefix
        self.max_samples, self.max_bytes = max_samples, max_bytes
        self._finished = finished
        self.shards: list[Path] = []
        self._archive: tarfile.TarFile | None = None
        self._pending = ExitStack()
        self._samples = 0
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, key: str, parts: Mapping[str, bytes]) -> None:
        """Add a sample.

        Args:
            key: its key; the name without folders must have no dot.
            parts: content by ending.
        """
        if "." in key.rpartition("/")[2] or not key:
            raise ValueError(f"a key is a name without dots, got {key!r}")
        if self._archive is None:
            temporary = self._pending.enter_context(atomic_file(self._path))
            self._archive = tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        for ending, data in parts.items():
            header = tarfile.TarInfo(f"{key}.{ending}")
            header.size, header.mode = len(data), 0o644
            self._archive.addfile(header, io.BytesIO(data))
        self._samples += 1
        if self._samples >= self.max_samples or self._archive.offset >= self.max_bytes:
            self._finish()

    def close(self) -> None:
        """Complete the last shard."""
        if self._archive is not None:
            self._finish()

    def abort(self) -> None:
        """Throw the shard in progress away."""
        if self._archive is not None:
            with suppress(OSError):  # Of a full disk, which is what it is thrown away for.
                self._archive.close()
            self._archive = None
            # The shard is thrown away by the error that ends its block.
            with suppress(_Abandoned):
                self._pending.__exit__(_Abandoned, _Abandoned(), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.prefix}-{len(self.shards):06d}.tar"

    def _finish(self) -> None:
        assert self._archive is not None
        self._archive.close()
        self._archive = None
        self._pending.close()
        shard = self._path
        self.shards.append(shard)
        self._finished(shard)
        self._samples = 0
