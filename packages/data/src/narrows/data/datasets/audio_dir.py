"""Folders of audio files, read crop by crop."""

from __future__ import annotations

import os
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from narrows.audio.channels import left_out
from narrows.configs import AudioDirDatasetConfig, AudioDirEntry
from narrows.data.audio_folder import WHOLE, AudioFolder, AudioFolders, Stretch, clip_options
from narrows.data.clips import ClipOptions
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.datasets.indexed_audio import build_indexed
from narrows.data.drawing import DrawnSamples, collator
from narrows.data.errors import DataError, folder_of, listing
from narrows.data.faults import Faults
from narrows.data.index import Headers, index_folder
from narrows.data.loader import Loader
from narrows.data.metadata import MetadataReader
from narrows.data.order import Group, length_buckets
from narrows.data.permuted_order import order_of
from narrows.data.plans import plan_of
from narrows.data.prompts import prompted
from narrows.data.scan import Selection


@build_loader.register
def build(config: AudioDirDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of folders of audio files."""
    if config.index is not None or any(entry.index is not None for entry in config.datasets):
        return build_indexed(config, options)
    entries = config.datasets or [AudioDirEntry(id="audio", path=config.path or "")]
    found, faults = _index(entries, config, options)
    kept = [_of_length(headers, config) for headers in found]
    _refuse_empty(entries, found, kept, faults.skipped)
    stretches = [_stretch(headers, config) for headers in kept]
    every = kept
    kept = [split_files(headers, config.split, config.held_out_share) for headers in kept]
    clips = clip_options(config, options)
    _name_left_out(kept, clips.channels, faults)
    folders = [
        _folder(entry, headers, clips, config, options, whole.names, stretch)
        for entry, headers, whole, stretch in zip(entries, kept, every, stretches, strict=True)
    ]
    source = AudioFolders(folders)
    groups = [Group(int(start), len(h), e.weight) for start, h, e in zip(source.starts, kept, entries, strict=False)]
    samples = config.samples_per_epoch or _crops_of_an_epoch(kept, stretches, config, options)
    order = order_of(config.order or "shuffled", groups, options, samples)
    buckets = None
    if config.length_buckets > 1:
        buckets = length_buckets(np.concatenate([h.seconds for h in kept]), config.length_buckets)
    return Loader(
        DrawnSamples(prompted(source, config.prompts), options.seed),
        plan_of(order, options, config.drop_last, buckets),
        faults,
        options.num_workers,
        options.multiprocessing_context,
        collator(config.length_multiple if config.length_buckets > 1 else 1, options.sample_size),
    )


def _folder(
    entry: AudioDirEntry,
    headers: Headers,
    clips: ClipOptions,
    config: AudioDirDatasetConfig,
    options: LoaderOptions,
    every: Sequence[str],
    stretch: Stretch,
) -> AudioFolder:
    metadata = MetadataReader(config.metadata, headers.root) if config.metadata else None
    if metadata is not None:
        metadata.check(headers.names, every)
    module = entry.custom_metadata_module
    custom = CustomMetadata(module, options.allow_code) if module is not None else None
    return AudioFolder(entry.id, headers, clips, metadata, custom, stretch)


def _index(
    entries: Sequence[AudioDirEntry], config: AudioDirDatasetConfig, options: LoaderOptions
) -> tuple[list[Headers], Faults]:
    bad: dict[str, str] = {}
    found = []
    for entry in entries:
        root, file = folder_of(entry.path, f"Data set {entry.id!r}")
        selection = Selection(tuple(config.extensions), tuple(entry.keywords), entry.file_list, file)
        found.append(index_folder(root, selection, bad.setdefault, cached=config.cache_index))
    faults = Faults(sum(map(len, found)) + len(bad), config.max_bad_share, options.on_skip)
    faults.add_all(bad)
    return found, faults


def _of_length(headers: Headers, config: AudioDirDatasetConfig) -> Headers:
    seconds = headers.seconds
    keep = np.ones(len(headers), np.bool_)
    if config.min_length_sec is not None:
        keep &= seconds >= config.min_length_sec
    if config.max_length_sec is not None:
        keep &= seconds <= config.max_length_sec
    return headers.select(keep)


def _name_left_out(kept: Sequence[Headers], wanted: int, faults: Faults) -> None:
    """Say how many files have channels that no clip will hold; the mean for a mono model holds all."""
    if not left_out(wanted + 1, wanted):
        return
    more = [(headers, row) for headers in kept for row in np.flatnonzero(headers.channels > wanted).tolist()]
    if more:
        headers, row = max(more, key=lambda place: int(place[0].channels[place[1]]))
        faults.narrowed(headers.path(row), int(headers.channels[row]), wanted, len(more), sum(map(len, kept)))


def split_files(headers: Headers, split: str, held_out_share: float) -> Headers:
    """The files of a split. Each file's place follows from a hash of its path; the lowest hashes are held out."""
    if split == "all" or len(headers) < 2:
        return headers  # a single file is split in itself, see `Stretch`
    hashes = np.array([crc32(os.fsencode(name)) / 2**32 for name in headers.names])
    held_out = hashes < held_out_share
    if not held_out.any():
        held_out[hashes.argmin()] = True
    if held_out.all():
        held_out[hashes.argmax()] = False
    return headers.select(held_out if split == "held_out" else ~held_out)


def _stretch(headers: Headers, config: AudioDirDatasetConfig) -> Stretch:
    """Of a folder with one file, the part that a split takes: its end is held out."""
    if len(headers) != 1 or config.split == "all":
        return WHOLE
    border = 1 - config.held_out_share
    return Stretch(border, 1.0) if config.split == "held_out" else Stretch(0.0, border)


def _crops_of_an_epoch(
    kept: Sequence[Headers], stretches: Sequence[Stretch], config: AudioDirDatasetConfig, options: LoaderOptions
) -> int | None:
    """Samples of an epoch where there are too few files for a batch: as many as crops fit side by side.

    None where there are files enough: an epoch then brings each once.
    """
    wanted = options.update_size or options.batch_size * options.world_size
    if sum(map(len, kept)) >= wanted or not config.random_crop:
        return None
    seconds = sum(float(h.seconds.sum()) * (s.end - s.start) for h, s in zip(kept, stretches, strict=True))
    crops = int(seconds * options.sample_rate / options.sample_size)
    return crops if crops > sum(map(len, kept)) else None


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
