"""Folders of latents: files with metadata beside them, as stable-audio-tools writes them, or shards."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from narrows.configs import PreEncodedDatasetConfig, PreEncodedEntry
from narrows.data.arrays import parse_array
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.drawing import DrawnSamples, Info
from narrows.data.errors import AudioFileError, DataError, existing_folder, listing, system_reason
from narrows.data.faults import Faults
from narrows.data.latents import LatentOptions
from narrows.data.loader import Loader
from narrows.data.metadata import MetadataReader, json_object
from narrows.data.order import Group
from narrows.data.permuted_order import order_of
from narrows.data.plans import plan_of
from narrows.data.prompts import prompted
from narrows.data.scan import Selection, find_files
from narrows.data.shard_index import ShardIndex
from narrows.data.shards import read_part
from narrows.data.sidecars import tell_unmatched

FILE_LIST, DETAILS = "filelist.txt", "details.json"


class LatentStore(Protocol):
    """Latents with their metadata, by number."""

    def __len__(self) -> int: ...

    def name(self, row: int) -> str:
        """Path below the folder, for metadata and messages."""
        ...

    def array(self, row: int) -> bytes:
        """Content of the array file."""
        ...

    def info(self, row: int) -> Info:
        """Metadata that were stored with it."""
        ...


class LatentFiles:
    """One file each, with a .json beside it."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self._root, self._names = root, list(names)

    def __len__(self) -> int:
        return len(self._names)

    def name(self, row: int) -> str:
        """Path below the folder."""
        return self._names[row]

    def array(self, row: int) -> bytes:
        """Content of the array file."""
        return _read(self._root / self._names[row])

    def info(self, row: int) -> Info:
        """The .json file of the same name; nothing where there is none."""
        path = (self._root / self._names[row]).with_suffix(".json")
        return json_object(path, _read(path).decode("utf-8", "replace")) if path.exists() else {}


class LatentShards:
    """Samples of .tar files, read at their place."""

    def __init__(self, index: ShardIndex) -> None:
        self._index = index

    def __len__(self) -> int:
        return len(self._index)

    def name(self, row: int) -> str:
        """Path of the shard below the folder, and key in it."""
        shard, key, _, _ = self._index.find(row)
        return f"{shard}/{key}.{self._index.ending}"

    def array(self, row: int) -> bytes:
        """Content of the array."""
        shard, _, array, _ = self._index.find(row)
        return read_part(self._index.root / shard, array)

    def info(self, row: int) -> Info:
        """The .json part of the sample; nothing where there is none."""
        shard, _, _, stored = self._index.find(row)
        path = self._index.root / shard
        return json_object(path, read_part(path, stored).decode("utf-8", "replace")) if stored.size else {}


class LatentFolder:
    """Crops of the latents of one folder."""

    def __init__(
        self,
        entry_id: str,
        root: Path,
        store: LatentStore,
        kind: str,
        options: LatentOptions,
        metadata: MetadataReader | None,
        custom: CustomMetadata | None,
    ) -> None:
        self._id, self._root, self._store, self._kind = entry_id, root, store, kind
        self._options, self._metadata, self._custom = options, metadata, custom

    def load(self, row: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """A crop of latents `(D, L)`, or tokens `(K, L)`."""
        name = self._store.name(row)
        path = os.fspath(self._root / name)
        known = self._metadata(name) if self._metadata else {}
        stored = self._store.info(row)
        try:
            latents = parse_array(self._store.array(row), self._kind)
            latents, info = self._options.crop(latents, stored, rng)
        except AudioFileError:
            raise
        except (ValueError, TypeError) as error:
            raise AudioFileError(path, " ".join(str(error).split())) from error
        info |= known | {"latent_filename": path, "dataset": self._id}
        info.setdefault("path", path)
        if self._custom is not None:
            extra = self._custom(info, None)
            replacement = extra.pop("__replace__", None)
            info |= extra
            latents = latents if replacement is None else replacement
        return latents, info


class LatentFolders:
    """Crops of the latents of several folders; `rows` maps an item to a row of its folder."""

    def __init__(self, folders: Sequence[LatentFolder], rows: Sequence[np.ndarray[Any, Any]]) -> None:
        self._folders, self._rows = list(folders), list(rows)
        self.starts = np.cumsum([0, *map(len, rows)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """A crop of latents."""
        number = int(np.searchsorted(self.starts, item, "right")) - 1
        return self._folders[number].load(int(self._rows[number][item - int(self.starts[number])]), rng)


@build_loader.register
def build(config: PreEncodedDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of folders of latents."""
    entries = config.datasets or [PreEncodedEntry(id="latents", path=config.path or "")]
    bad: dict[str, str] = {}
    built = [_folder(entry, config, options, bad) for entry in entries]
    rows = [kept for _, kept in built]
    source = LatentFolders([folder for folder, _ in built], rows)
    faults = Faults(len(source) + len(bad), config.max_bad_share, options.on_skip)
    faults.add_all(bad)
    groups = [Group(int(s), len(r), e.weight) for s, r, e in zip(source.starts, rows, entries, strict=False)]
    order = order_of(config.order, groups, options, config.samples_per_epoch)
    return Loader(
        DrawnSamples(prompted(source, config.prompts), options.seed),
        plan_of(order, options, config.drop_last),
        faults,
        options.num_workers,
        options.multiprocessing_context,
    )


def _folder(
    entry: PreEncodedEntry, config: PreEncodedDatasetConfig, options: LoaderOptions, bad: dict[str, str]
) -> tuple[LatentFolder, np.ndarray[Any, Any]]:
    """A folder, and the rows of it that are used; bad files go to `bad`."""
    root = existing_folder(entry.path, f"Data set {entry.id!r}")
    details = _details(root)
    ending = config.latent_extension or _ending(details)
    store = _open(root, entry, ending, bad)
    rows = _of_length(store, config, root, bad)
    if not len(rows):
        message = f"Data set {entry.id!r} ({entry.path}): no .{ending} file or shard of them is there, or none fits"
        other = next((e for e in ("npy", "safetensors") if e != ending and next(root.rglob(f"*.{e}"), None)), None)
        if other is not None:
            message += f". There are .{other} files: write latent_extension: {other}"
        raise DataError(f"{message}\n{listing(bad)}" if bad else message)
    metadata = MetadataReader(config.metadata, root) if config.metadata else None
    if metadata is not None:
        metadata.check([store.name(row) for row in rows.tolist()])
    module = entry.custom_metadata_module
    custom = CustomMetadata(module, options.allow_code) if module is not None else None
    crops = LatentOptions(
        config.latent_crop_length,
        config.random_crop,
        options.sample_rate,
        config.downsampling_ratio,
        _sample_size(details),
    )
    return LatentFolder(entry.id, root, store, ending, crops, metadata, custom), rows


def _open(root: Path, entry: PreEncodedEntry, ending: str, bad: dict[str, str]) -> LatentStore:
    """Shards where there are any, else files."""
    names = find_files(root, Selection(("tar",), tuple(entry.keywords)), bad.setdefault).names
    if not names:
        file_list = FILE_LIST if (root / FILE_LIST).exists() else None
        files = find_files(root, Selection((ending,), tuple(entry.keywords), file_list)).names
        tell_unmatched(root, files, "json", every=False, ours=frozenset({DETAILS}))
        return LatentFiles(root, files)
    return LatentShards(ShardIndex(root, names, ending, bad.setdefault))


def _of_length(
    store: LatentStore, config: PreEncodedDatasetConfig, root: Path, bad: dict[str, str]
) -> np.ndarray[Any, Any]:
    """Rows whose sound has a length between the limits; looked up before the run, so that an epoch is complete."""
    if config.min_length_sec is None and config.max_length_sec is None:
        return np.arange(len(store))
    shortest, longest = config.min_length_sec or 0, config.max_length_sec or float("inf")

    def fits(row: int) -> bool:
        path = os.fspath(root / store.name(row))
        try:
            seconds = store.info(row).get("seconds_total")
        except AudioFileError as error:
            bad[error.path] = error.reason
            return False
        if not isinstance(seconds, int | float):
            bad[path] = "its metadata lack seconds_total, which min_length_sec and max_length_sec need"
            return False
        return shortest <= seconds <= longest

    with ThreadPoolExecutor(8) as pool:
        return np.flatnonzero(np.fromiter(pool.map(fits, range(len(store))), np.bool_, len(store)))


def _details(root: Path) -> dict[str, Any]:
    """What the pre-encoder, ours or that of stable-audio-tools, left about its options; empty where it left nothing."""
    try:
        details = json.loads((root / DETAILS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return details if isinstance(details, dict) else {}


def _ending(details: dict[str, Any]) -> str:
    """The kind of latent files that a pre-encoder wrote."""
    options = details.get("args")
    if (
        isinstance(options, dict)
        and options.get("layout") == "shards"
        and options.get("tensor_format") == "safetensors"
    ):
        return "safetensors"
    return "npy"


def _sample_size(details: dict[str, Any]) -> int | None:
    """Samples that were encoded at once."""
    size = details.get("sample_size")
    return size if isinstance(size, int) and size > 0 else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error
