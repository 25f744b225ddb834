"""Parquet files with sounds in a column, as Hugging Face's `datasets` writes them.

Rows are read row group by row group, in an order that follows from the seed alone (`narrows.data.parquet_audio.order`):
it can be entered anywhere, and is the same for every number of processes and workers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch import Tensor

from narrows.audio.channels import left_out
from narrows.audio.files import open_audio
from narrows.configs import ParquetDatasetConfig, ParquetEntry
from narrows.data.audio_folder import clip_options
from narrows.data.clips import ClipOptions, read_crop
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.drawing import GIVEN_CHANNELS, DrawnSamples, Info
from narrows.data.errors import AudioFileError, DataError, listing
from narrows.data.faults import Faults
from narrows.data.loader import Loader
from narrows.data.metadata import Converter, told_length
from narrows.data.order import Group
from narrows.data.parquet_audio.files import Contents, RowFile, find_row_files, read_contents
from narrows.data.parquet_audio.order import RowGroupTurns
from narrows.data.parquet_audio.rows import Row, Rows
from narrows.data.permuted_order import PermutedOrder
from narrows.data.plans import plan_of
from narrows.data.prompts import prompted

log = logging.getLogger("narrows.data")

MUCH_MEMORY = 2 << 30
"""Bytes of open row groups of one process above which a line says so."""


@dataclass(frozen=True)
class RowDecoder:
    """From a row to a clip with metadata."""

    dataset: str
    clips: ClipOptions
    convert: Converter | None = None
    custom: CustomMetadata | None = None

    def __call__(self, row: Row, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """Decode a row."""
        began = time.perf_counter()
        # Its ending tells apart what is read with FFmpeg.
        path = f"{row.name}/{row.relative.rpartition('/')[2]}"
        with open_audio(path, row.audio) as decoder:
            given = decoder.info.channels
            audio, crop = read_crop(decoder, path, self.clips, self.clips.place, rng)
        audio = self.clips.finish(audio, crop, row.name, rng)
        info: Info = row.values if self.convert is None else self.convert(row.name, row.values)
        if "text" in info:
            info.setdefault("prompt", info["text"])
        place = {"path": row.name, "relpath": row.relative, "dataset": self.dataset}
        info |= place | crop.metadata() | told_length(info)
        if left_out(given, self.clips.channels):
            info[GIVEN_CHANNELS] = given
        info["load_time"] = time.perf_counter() - began
        return audio, info if self.custom is None else info | self.custom(info, audio)


class ParquetSource:
    """Clips of the rows of several data sets."""

    def __init__(self, rows: Sequence[Rows], decoders: Sequence[RowDecoder]) -> None:
        self._rows, self._decoders = list(rows), list(decoders)
        self.starts = np.cumsum([0, *map(len, rows)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """One clip of a row."""
        number, within = self._find(item)
        return self._decoders[number](self._rows[number].row(within), rng)

    def instead(self, item: int, attempt: int, rng: np.random.Generator) -> int:
        """Another row of the same data set."""
        number, within = self._find(item)
        return int(self.starts[number]) + self._rows[number].instead(within, attempt, rng)

    def _find(self, item: int) -> tuple[int, int]:
        number = int(np.searchsorted(self.starts, item, "right")) - 1
        return number, item - int(self.starts[number])


class FoundRows(NamedTuple):
    """The files of an entry that can be read, what they hold, and those that cannot be."""

    entry: ParquetEntry
    files: list[RowFile]
    contents: list[Contents]
    bad: dict[str, str]


@build_loader.register
def build(config: ParquetDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of Parquet files."""
    found = find_rows(config)
    keep = config.lanes + 1
    rows = [Rows(one.files, one.contents, keep) for one in found]
    _say_memory(found, config.lanes, options)
    clips = clip_options(config, options)
    decoders = [row_decoder(config, one.entry, clips, options.allow_code) for one in found]
    source = ParquetSource(rows, decoders)
    faults = Faults(len(source), config.max_bad_share, options.on_skip)
    for one in found:
        faults.add_all(one.bad)
    groups = tuple(Group(int(s), len(r), f.entry.weight) for s, r, f in zip(source.starts, rows, found, strict=False))
    turns = RowGroupTurns([one.sizes for one in rows], options.seed, config.lanes)
    order = PermutedOrder(groups, options.seed, options.shuffle, config.samples_per_epoch, turns)
    return Loader(
        DrawnSamples(prompted(source, config.prompts), options.seed, source.instead),
        plan_of(order, options, config.drop_last),
        faults,
        options.num_workers,
        options.multiprocessing_context,
    )


def entries_of(config: ParquetDatasetConfig) -> list[ParquetEntry]:
    """The places of a data set; `path` is short for one."""
    return config.datasets or [ParquetEntry(id="parquet", path=config.path or "")]


def find_rows(config: ParquetDatasetConfig) -> list[FoundRows]:
    """The files of every entry, and what they hold.

    Raises:
        DataError: a place is not there, or none of its files can be read or has a row.
    """
    return [_find_rows(entry, config) for entry in entries_of(config)]


def row_decoder(
    config: ParquetDatasetConfig, entry: ParquetEntry, clips: ClipOptions, allow_code: bool = False
) -> RowDecoder:
    """What turns the rows of an entry into clips."""
    module = entry.custom_metadata_module
    custom = CustomMetadata(module, allow_code) if module is not None else None
    return RowDecoder(entry.id, clips, Converter(config.fields) if config.fields else None, custom)


def _find_rows(entry: ParquetEntry, config: ParquetDatasetConfig) -> FoundRows:
    files = find_row_files(entry, config.retries)
    fields = [field.source_name or field.name for field in config.fields]
    read = read_contents(files, config.audio_column, fields)
    good = [(file, held) for file, held in zip(files, read, strict=True) if isinstance(held, Contents)]
    bad = {error.path: error.reason for error in read if isinstance(error, AudioFileError)}
    if not any(sum(held.rows) for _, held in good):
        raise DataError(f"Data set {entry.id!r} ({entry.path}): no row can be read\n{listing(bad)}".rstrip())
    return FoundRows(entry, [file for file, _ in good], [held for _, held in good], bad)


def _say_memory(found: Sequence[FoundRows], lanes: int, options: LoaderOptions) -> None:
    """Say when open row groups take much memory; `datasets` writes some of a gigabyte."""
    largest = max(held.bytes for one in found for held in one.contents)
    shared = max(1, -(-lanes // options.world_size))
    if largest * shared > MUCH_MEMORY:
        log.warning(
            "Row groups of up to %.0f MiB, %d at once: %.1f GiB for each loader process. Lower `lanes`, or write the "
            "files with smaller row groups",
            largest / 2**20,
            shared,
            largest * shared / 2**30,
        )
