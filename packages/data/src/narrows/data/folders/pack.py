"""Packing a folder of audio files into WebDataset shards."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from narrows.audio.files import audio_info
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs import DatasetMetadataOptions
from narrows.configs.write_errors import named_when_it_fails
from narrows.data.errors import AudioFileError, DataError, existing_folder, listing, shown, system_reason
from narrows.data.metadata import MetadataReader
from narrows.data.scan import Selection, find_files
from narrows.data.shards import ShardWriter


@dataclass
class PackReport:
    """What was packed."""

    samples: int = 0
    bytes: int = 0
    shards: list[str] = field(default_factory=list)
    """Names of the shards in the target folder."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Files that were left out, with reasons."""


def pack_folder(
    path: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    extensions: Sequence[str] = AUDIO_ENDINGS,
    keywords: Sequence[str] = (),
    metadata: DatasetMetadataOptions | None = None,
    max_samples: int = 10_000,
    max_bytes: int = 1 << 30,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> PackReport:
    """Write the audio files of a folder into shards, as they are, each with its metadata as .json.

    The target appears when everything is written, or not at all. Files that are no audio are left out and reported.

    Args:
        path: the folder.
        target: folder for the shards; must not exist, or be empty.
        extensions: endings of the files to pack.
        keywords: pack only paths that contain one of these.
        metadata: where captions come from; None takes sidecar files (.json, then .txt) where there are some.
        max_samples: files of a shard.
        max_bytes: size of a shard after which the next is begun.
        progress: told how many files are done, and of how many.

    Raises:
        DataError: the folder is missing or holds no audio, or the target is in use.
    """
    root, goal = existing_folder(Path(path), "pack"), Path(target)
    if goal.exists() and (not goal.is_dir() or any(goal.iterdir())):
        raise DataError(f"{shown(goal)} exists; name a new folder")
    report = PackReport()
    names = find_files(root, Selection(tuple(extensions), tuple(keywords)), report.skipped.setdefault).names
    readers = [MetadataReader(options, root) for options in ([metadata] if metadata else _sidecars())]
    with (
        named_when_it_fails(goal),
        _beside(goal) as temporary,
    ):
        place = Path(temporary) / "shards"
        with ShardWriter(place, max_samples=max_samples, max_bytes=max_bytes) as writer:
            for done, name in enumerate(names, 1):
                _pack_file(root, name, readers, writer, report)
                progress(done, len(names))
        if not report.samples:
            raise DataError(f"{shown(root)} holds no audio file that can be packed\n{listing(report.skipped)}".strip())
        report.shards = [shard.name for shard in writer.shards]
        if goal.exists():
            goal.rmdir()
        shutil.move(place, goal)
    return report


@contextmanager
def _beside(goal: Path) -> Iterator[str]:
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{goal.name}.", suffix=".tmp", dir=goal.parent) as temporary:
        yield temporary


def _pack_file(
    root: Path, name: str, readers: Sequence[MetadataReader], writer: ShardWriter, report: PackReport
) -> None:
    path = root / name
    try:
        info = audio_info(path)
        known: dict[str, Any] = {}
        for reader in readers:
            known = {**reader(name), **known}
        content = path.read_bytes()
    except AudioFileError as error:
        report.skipped[error.path] = error.reason
        return
    except OSError as error:
        report.skipped[os.fspath(path)] = system_reason(error)
        return
    facts: Mapping[str, Any] = {
        "relpath": shown(name),
        "seconds_total": info.seconds,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
    }
    parts = {"json": json.dumps({**known, **facts}, ensure_ascii=False).encode(), path.suffix[1:].lower(): content}
    writer.write(f"{report.samples:08d}", parts)
    report.samples += 1
    report.bytes += len(content)


def _sidecars() -> list[DatasetMetadataOptions]:
    return [DatasetMetadataOptions(sidecar="json"), DatasetMetadataOptions(sidecar="txt", text_field="text")]
