"""Shards on disk: tar files as WebDataset reads them, or folders as stable-audio-tools reads them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from narrows.configs.files import atomic_file, write_folder
from narrows.data.errors import DataError

Entry = dict[str, Any]
Add = Callable[[str, Tensor, dict[str, Any]], Entry]
"""Writes a clip: its key, tensor and metadata; returns its entry in the index."""


def shard_writer(folder: Path, stem: str, layout: str, tensor_format: str, name: str) -> AbstractContextManager[Add]:
    """A writer of one shard, which appears whole or not at all when the block ends.

    Args:
        folder: of all shards.
        stem: name of the shard.
        layout: `shards` or `sat`.
        tensor_format: `safetensors` or `npy`.
        name: of the tensor inside safetensors: `latents` or `tokens`.
    """
    if layout == "sat":
        return _folder(folder / stem)
    return _tar(folder / f"{stem}.tar", tensor_format, name)


@contextmanager
def _tar(path: Path, tensor_format: str, name: str) -> Iterator[Add]:
    with (
        atomic_file(path) as temporary,
        temporary.open("wb") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):

        def add(key: str, tensor: Tensor, metadata: dict[str, Any]) -> Entry:
            data = save({name: tensor.contiguous()}) if tensor_format == "safetensors" else _npy(tensor)
            place = _member(tar, f"{key}.{tensor_format}", data)
            described = _member(tar, f"{key}.json", as_json(metadata, key).encode())
            return {"key": key, "offset": place, "size": len(data), "metadata_offset": described}

        yield add


@contextmanager
def _folder(path: Path) -> Iterator[Add]:
    with write_folder(path, owned=("*.npy", "*.json")) as temporary:

        def add(key: str, tensor: Tensor, metadata: dict[str, Any]) -> Entry:
            (temporary / f"{key}.npy").write_bytes(_npy(tensor))
            (temporary / f"{key}.json").write_text(as_json(metadata, key), encoding="utf-8")
            return {"key": key}

        yield add


def as_json(metadata: dict[str, Any], key: str) -> str:
    """Metadata as JSON; tensors and arrays become lists.

    Raises:
        DataError: user code gave something that JSON has no form for.
    """

    def plain(value: object) -> object:
        if isinstance(value, Tensor | np.ndarray | np.generic):
            return value.tolist()
        raise DataError(f"The metadata of sample {key} hold a {type(value).__name__}, which JSON has no form for")

    return json.dumps(metadata, default=plain)


def _member(tar: tarfile.TarFile, name: str, data: bytes) -> int:
    """Append a file without time or owner, so that equal content gives equal bytes; returns where its data start."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    place = tar.offset + tarfile.BLOCKSIZE
    tar.addfile(info, io.BytesIO(data))
    return place


def _npy(tensor: Tensor) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, tensor.contiguous().numpy(), allow_pickle=False)
    return buffer.getvalue()


def token_dtype(codebook_size: int, layout: str) -> torch.dtype:
    """Integers that hold the tokens; stable-audio-tools indexes with int64."""
    if layout == "sat":
        return torch.int64
    return torch.int16 if codebook_size <= 2**15 else torch.int32
