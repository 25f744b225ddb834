"""Folders of audio whose files an index lists: nothing is searched, and no process holds a list of the files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.audio.channels import left_out
from narrows.configs import AudioDirDatasetConfig, AudioDirEntry
from narrows.data.audio_folder import AudioFolder, AudioFolders, clip_options
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions
from narrows.data.drawing import DrawnSamples, collator
from narrows.data.errors import DataError, folder_here, shown
from narrows.data.faults import Faults
from narrows.data.indexes.filters import RowFilter
from narrows.data.indexes.reading import IndexedFiles
from narrows.data.loader import Loader
from narrows.data.metadata import MetadataReader
from narrows.data.order import Group
from narrows.data.permuted_order import order_of
from narrows.data.plans import plan_of
from narrows.data.prompts import prompted


def build_indexed(config: AudioDirDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of folders that have an index."""
    entries = config.datasets or [AudioDirEntry(id="audio", path=config.path or "", index=config.index)]
    files = [indexed_files(entry, config) for entry in entries]
    clips = clip_options(config, options)
    faults = Faults(sum(map(len, files)), config.max_bad_share, options.on_skip)
    _name_left_out(files, clips.channels, faults)
    folders = []
    for entry, listed in zip(entries, files, strict=True):
        metadata = MetadataReader(config.metadata, listed.root) if config.metadata else None
        module = entry.custom_metadata_module
        custom = CustomMetadata(module, options.allow_code) if module is not None else None
        folders.append(AudioFolder(entry.id, listed, clips, metadata, custom))
    source = AudioFolders(folders)
    groups = [Group(int(start), len(f), e.weight) for start, f, e in zip(source.starts, files, entries, strict=False)]
    order = order_of(config.order or "permuted", groups, options, config.samples_per_epoch)
    return Loader(
        DrawnSamples(prompted(source, config.prompts), options.seed),
        plan_of(order, options, config.drop_last),
        faults,
        options.num_workers,
        options.multiprocessing_context,
        collator(1, options.sample_size),
    )


def indexed_files(entry: AudioDirEntry, config: AudioDirDatasetConfig) -> IndexedFiles:
    """The files of an entry that its options take.

    Raises:
        DataError: there is no index, its folder is gone, or no file fits.
    """
    root = folder_here(entry.path, f"Data set {entry.id!r}")
    rows = RowFilter(
        config.min_length_sec, config.max_length_sec, tuple(entry.keywords), config.split, config.held_out_share
    )
    files = IndexedFiles(entry.index or "", root, rows)
    missing = {ending.lower() for ending in config.extensions} - {e.lower() for e in files.manifest.extensions}
    if "extensions" in config.model_fields_set and missing:
        raise DataError(
            f"Data set {entry.id!r}: the index {shown(entry.index or '')} was made without the extensions "
            f"{', '.join(sorted(missing))}: leave `extensions` out, or make the index with them"
        )
    if not len(files):
        raise DataError(
            f"Data set {entry.id!r} ({entry.index}): none of the {files.manifest.rows} files of the index fits "
            "min_length_sec, max_length_sec, keywords and split"
        )
    return files


def _name_left_out(files: Sequence[IndexedFiles], wanted: int, faults: Faults) -> None:
    """Say how many files have channels that no clip will hold; of the whole index, whatever of it is taken."""
    found = [
        (int(channels), count, listed)
        for listed in files
        for part in listed.manifest.parts
        for channels, count in part.channels.items()
        if left_out(int(channels), wanted)
    ]
    if found:
        most, _, listed = max(found, key=lambda one: one[0])
        total = sum(listed.manifest.rows for listed in files)
        faults.narrowed(_widest(listed, most), most, wanted, sum(count for _, count, _ in found), total)


def _widest(files: IndexedFiles, channels: int) -> str:
    """The first file with so many channels."""
    for table in files.tables(["path", "channels"]):
        rows = np.flatnonzero(table.column("channels").to_numpy() == channels)
        if len(rows):
            return f"{files.root}/{table.column('path')[int(rows[0])]}"
    return str(files.folder)
