"""Packing a folder of audio files into WebDataset shards."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from narrows.audio.files import audio_info
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs import DatasetMetadataOptions
from narrows.data.errors import AudioFileError, DataError, listing, shown, system_reason
from narrows.data.folders.targets import shard_target
from narrows.data.metadata import MetadataReader, files_of_metadata, sidecars_of
from narrows.data.places import place_of
from narrows.data.scan import Selection
from narrows.data.shards import ShardWriter

HELD = 64
"""Files of a storage that are held here at a time."""


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

    A target folder appears when everything is written, or not at all; in a storage each shard does. Files that are no
    audio are left out and reported.

    Args:
        path: the folder, or its address, whose files are then held here a few at a time.
        target: folder for the shards, or an address; must not exist, or be empty.
        extensions: endings of the files to pack.
        keywords: pack only paths that contain one of these.
        metadata: where captions come from; None takes sidecar files (.json, then .txt) where there are some.
        max_samples: files of a shard.
        max_bytes: size of a shard after which the next is begun.
        progress: told how many files are done, and of how many.

    Raises:
        DataError: the folder is missing or holds no audio, or the target is in use.
    """
    place, single = place_of(path, "pack")
    if single is not None:
        raise DataError(f"pack: {shown(os.fspath(path))} is not a folder")
    report, options = PackReport(), [metadata] if metadata else _sidecars()
    with shard_target(target) as goal:
        names = place.find(Selection(tuple(extensions), tuple(keywords)), report.skipped.setdefault).names
        with place.holding([table for one in options for table in files_of_metadata(one, ())]) as root:
            readers = [MetadataReader(one, root) for one in options]
        with ShardWriter(goal.folder, max_samples=max_samples, max_bytes=max_bytes, finished=goal.finished) as writer:
            for start in range(0, len(names), HELD):
                group = names[start : start + HELD]
                with place.holding(_with_sidecars(group, options)) as root:
                    here = [reader.at(root) for reader in readers]
                    for done, name in enumerate(group, start + 1):
                        _pack_file(root, name, here, writer, report)
                        progress(done, len(names))
        if not report.samples:
            raise DataError(f"{place.root} holds no audio file that can be packed\n{listing(report.skipped)}".strip())
        report.shards = [shard.name for shard in writer.shards]
    return report


def _with_sidecars(names: Sequence[str], options: Sequence[DatasetMetadataOptions]) -> list[str]:
    """Files, and those beside them that tell of them."""
    return [*names, *(told for one in options for told in sidecars_of(one, names))]


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
