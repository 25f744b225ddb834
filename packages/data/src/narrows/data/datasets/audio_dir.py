"""Folders of audio files, read crop by crop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from torch import Tensor

from narrows.configs import AudioDirDatasetConfig, AudioDirEntry
from narrows.data.audio.cropping import Crop, pad_to
from narrows.data.audio.files import read_audio
from narrows.data.audio.levels import is_silence
from narrows.data.audio.resampling import resampled_length
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.drawing import DrawnSamples, Info
from narrows.data.errors import DataError, existing_folder, listing
from narrows.data.faults import Fault, Faults, Rejected
from narrows.data.index import Headers, read_headers
from narrows.data.loader import Loader, Plan
from narrows.data.order import Group, Order
from narrows.data.scan import find_files, read_file_list


@dataclass(frozen=True)
class ClipOptions:
    """What is done to each clip."""

    sample_size: int
    sample_rate: int
    channels: int
    random_crop: bool
    random_phase_flip: bool
    silence_threshold_db: float | None


class AudioFolders:
    """Clips of the files of several folders."""

    def __init__(self, folders: Sequence[tuple[str, Headers]], options: ClipOptions) -> None:
        self._folders = list(folders)
        self._starts = np.cumsum([0, *(len(headers) for _, headers in folders)])
        self._options = options

    def __len__(self) -> int:
        return int(self._starts[-1])

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """One clip of a file."""
        began = time.perf_counter()
        options = self._options
        number = int(np.searchsorted(self._starts, item, "right")) - 1
        folder_id, headers = self._folders[number]
        row = item - int(self._starts[number])
        path = headers.path(row)
        crop = self._place(headers, row, rng)
        audio, _ = read_audio(path, crop.start, crop.size, options.sample_rate, options.channels)
        if options.silence_threshold_db is not None and is_silence(audio, options.silence_threshold_db):
            raise Rejected(f"{path} is silent from second {crop.seconds_start}")
        if options.random_phase_flip and rng.random() < 0.5:
            audio = -audio
        info: Info = {"path": path, "relpath": headers.names[row], "dataset": folder_id, **crop.metadata()}
        info["load_time"] = time.perf_counter() - began
        return pad_to(audio, crop.size).clamp(-1, 1), info

    def _place(self, headers: Headers, row: int, rng: np.random.Generator) -> Crop:
        options = self._options
        total = resampled_length(int(headers.frames[row]), int(headers.sample_rates[row]), options.sample_rate)
        spare = max(0, total - options.sample_size)
        start = int(rng.integers(spare + 1)) if options.random_crop else 0
        return Crop(start, options.sample_size, total, options.sample_rate)


@build_loader.register
def build(config: AudioDirDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of folders of audio files."""
    entries = config.datasets or [AudioDirEntry(id="audio", path=config.path or "")]
    bad: list[Fault] = []
    found = [_scan(entry, config, bad) for entry in entries]
    faults = Faults(sum(map(len, found)) + len(bad), config.max_bad_share, options.on_skip)
    for fault in bad:
        faults.add(fault)
    faults.check()
    folders = [_of_length(headers, config) for headers in found]
    _refuse_empty(entries, found, folders, faults.skipped)
    folders = [split_files(headers, config.split, config.held_out_share) for headers in folders]
    if not any(map(len, folders)):
        raise DataError("Nothing is held out: every folder has one file only. Add files, or name a validation data set")
    clips = ClipOptions(
        sample_size=options.sample_size,
        sample_rate=options.sample_rate,
        channels=options.audio_channels,
        random_crop=config.random_crop,
        random_phase_flip=config.random_phase_flip,
        silence_threshold_db=config.silence_threshold_db,
    )
    source = AudioFolders([(e.id, h) for e, h in zip(entries, folders, strict=True)], clips)
    starts = np.cumsum([0, *map(len, folders)])
    groups = tuple(Group(int(s), len(h), e.weight) for s, h, e in zip(starts, folders, entries, strict=False))
    order = Order(groups, options.seed, options.shuffle, config.samples_per_epoch)
    plan = Plan(order, options.batch_size, config.drop_last, options.rank, options.world_size)
    samples = DrawnSamples(source, options.seed)
    return Loader(samples, plan, faults, options.num_workers, options.multiprocessing_context)


def _scan(entry: AudioDirEntry, config: AudioDirDatasetConfig, bad: list[Fault]) -> Headers:
    root = existing_folder(entry.path, f"Data set {entry.id!r}")

    def on_bad(path: str, reason: str) -> None:
        bad.append(Fault(path, reason))

    if entry.file_list is not None:
        names = read_file_list(root / entry.file_list, root)
    else:
        names = find_files(root, config.extensions, entry.keywords, on_bad)
    return read_headers(root, names, on_bad)


def _of_length(headers: Headers, config: AudioDirDatasetConfig) -> Headers:
    seconds = headers.seconds
    keep = np.ones(len(headers), np.bool_)
    if config.min_length_sec is not None:
        keep &= seconds >= config.min_length_sec
    if config.max_length_sec is not None:
        keep &= seconds <= config.max_length_sec
    return headers.select(keep)


def split_files(headers: Headers, split: str, held_out_share: float) -> Headers:
    """The files of a split. Each file's place follows from a hash of its path; the lowest hashes are held out."""
    if split == "all" or not len(headers):
        return headers
    hashes = np.array([crc32(name.encode()) / 2**32 for name in headers.names])
    held_out = hashes < held_out_share
    if len(headers) > 1 and not held_out.any():
        held_out[hashes.argmin()] = True
    if len(headers) > 1 and held_out.all():
        held_out[hashes.argmax()] = False
    return headers.select(held_out if split == "held_out" else ~held_out)


def _refuse_empty(
    entries: Sequence[AudioDirEntry], found: Sequence[Headers], kept: Sequence[Headers], skipped: dict[str, str]
) -> None:
    """An empty folder is a mistake in the configuration, and fails at once."""
    for entry, before, after in zip(entries, found, kept, strict=True):
        if len(after):
            continue
        if len(before):
            reason = f"none of its {len(before)} files has a length between min_length_sec and max_length_sec"
        else:
            reason = "no audio file is there that fits extensions, keywords or file_list and can be read"
        message = f"Data set {entry.id!r} ({entry.path}): {reason}"
        raise DataError(f"{message}\n{listing(skipped)}" if skipped else message)
