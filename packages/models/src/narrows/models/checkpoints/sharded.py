"""Reading sharded training checkpoints: folders to which several processes wrote their parts of every tensor.

    tensors.json    where each chunk of each tensor lies; written last, so that a folder without it does not count
    values.ckpt     everything else, as tensors and plain values; `{"tensor": NAME}` stands where a tensor belongs
    *.distcp        chunks of tensors, as `torch.distributed.checkpoint` writes them

The index is JSON in place of torch's own, which is a pickle that could run code.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.pickles import read_pickle

INDEX = "tensors.json"
"""Name of the index."""
VALUES = "values.ckpt"
"""Name of the file of all else."""
MARK = "tensor"
"""Key of the dictionary that stands for a tensor."""


def is_sharded(path: Path) -> bool:
    """Whether a path is a complete sharded checkpoint."""
    return (path / INDEX).is_file()


def read_values(folder: Path) -> dict[str, Any]:
    """What a checkpoint holds beside its large tensors, for which marks stand; files that are cut off are refused.

    Raises:
        CheckpointError: the folder is damaged.
    """
    index = read_index(folder)
    for tensor in index.values():
        for chunk in tensor["chunks"]:
            file = folder / chunk["file"]
            if not file.is_file() or file.stat().st_size < chunk["at"] + chunk["bytes"]:
                raise CheckpointError(f"{file} is cut off or missing, so that {folder} cannot be read")
    return read_pickle(folder / VALUES)


def read_sharded(folder: Path) -> dict[str, Any]:
    """The whole content of a checkpoint, its tensors on the CPU."""
    values = read_values(folder)
    tensors = empty_tensors(folder)
    read_into(folder, tensors)
    content: dict[str, Any] = filled(values, tensors)
    return content


def read_index(folder: Path) -> dict[str, Any]:
    """Type, size and chunks of each tensor.

    Raises:
        CheckpointError: it is damaged, or leads out of the folder.
    """
    try:
        index: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = {chunk["file"] for tensor in index.values() for chunk in tensor["chunks"]}
        known = all(isinstance(getattr(torch, tensor["dtype"]), torch.dtype) for tensor in index.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{folder / INDEX} is damaged: {error}") from error
    if not known or any(Path(name).name != name for name in names):
        raise CheckpointError(f"{folder / INDEX} is damaged: it names what is no file beside it, or no type of tensors")
    return index


def empty_tensors(folder: Path) -> dict[str, Tensor]:
    """A tensor for each of a checkpoint, to be read into."""
    return {
        name: torch.empty(tensor["size"], dtype=getattr(torch, tensor["dtype"]))
        for name, tensor in read_index(folder).items()
    }


def read_into(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Fill tensors, which may be sharded in any way: a process reads its part only.

    Args:
        folder: of the checkpoint.
        tensors: of the sizes that it has, by name; others of the checkpoint are not read.

    Raises:
        CheckpointError: it lacks some, or cannot be read.
    """
    # Imported late: few need it, and it takes a while.
    from torch.distributed.checkpoint.filesystem import FileSystemReader
    from torch.distributed.checkpoint.metadata import Metadata
    from torch.distributed.checkpoint.state_dict_loader import load

    index = read_index(folder)
    if missing := sorted(tensors.keys() - index.keys()):
        raise CheckpointError(f"{folder} lacks {len(missing)} tensors, the first {missing[0]}")

    class Reader(FileSystemReader):
        """Takes the index in place of torch's."""

        def read_metadata(self, *_: Any, **__: Any) -> Metadata:
            """Where the chunks are."""
            metadata: Metadata = metadata_of(index)
            return metadata

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="torch.distributed is disabled")
            # Each process for itself, so that none waits for others.
            load(dict(tensors), storage_reader=Reader(folder), no_dist=True)
    except Exception as error:
        reason = str(error.__cause__ or error).splitlines() or [type(error).__name__]
        raise CheckpointError(f"Cannot read {folder}: {reason[0]}") from error


def metadata_of(index: Mapping[str, Any]) -> Any:
    """An index as `torch.distributed.checkpoint` has it in memory."""
    from torch.distributed.checkpoint.filesystem import _StorageInfo
    from torch.distributed.checkpoint.metadata import (
        ChunkStorageMetadata,
        Metadata,
        MetadataIndex,
        TensorProperties,
        TensorStorageMetadata,
    )

    tensors: dict[str, Any] = {}
    places = {}
    for name, tensor in index.items():
        chunks = [ChunkStorageMetadata(torch.Size(c["from"]), torch.Size(c["size"])) for c in tensor["chunks"]]
        properties = TensorProperties(getattr(torch, tensor["dtype"]))
        tensors[name] = TensorStorageMetadata(properties, torch.Size(tensor["size"]), chunks)
        for chunk in tensor["chunks"]:
            places[MetadataIndex(name, chunk["from"])] = _StorageInfo(chunk["file"], chunk["at"], chunk["bytes"])
    return Metadata(tensors, storage_data=places)


def index_of(metadata: Any) -> dict[str, Any]:
    """What `metadata_of` undoes."""
    places = {(place.fqn, tuple(place.offset)): info for place, info in metadata.storage_data.items()}
    index = {}
    for name, tensor in metadata.state_dict_metadata.items():
        chunks = []
        for chunk in tensor.chunks:
            info = places[name, tuple(chunk.offsets)]
            place = {"file": info.relative_path, "at": info.offset, "bytes": info.length}
            chunks.append({"from": list(chunk.offsets), "size": list(chunk.sizes), **place})
        dtype = str(tensor.properties.dtype).removeprefix("torch.")
        index[name] = {"dtype": dtype, "size": list(tensor.size), "chunks": chunks}
    return index


def parted(value: Any, tensors: dict[str, Tensor], name: str = "") -> Any:
    """A state with marks in the place of its tensors, which are added to `tensors` by their names."""
    if isinstance(value, Tensor):
        tensors[name] = value
        return {MARK: name}
    if isinstance(value, Mapping):
        return {key: parted(item, tensors, f"{name}/{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(parted(item, tensors, f"{name}/{place}") for place, item in enumerate(value))
    return value


def filled(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `parted` undoes."""
    if isinstance(value, dict):
        if value.keys() == {MARK} and isinstance(value[MARK], str):
            return tensors[value[MARK]]
        return {key: filled(item, tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(item, tensors) for item in value)
    return value
