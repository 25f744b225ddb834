"""Arrays of latents in .npy and .safetensors data, read without believing what a header claims."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.lib import format as npy
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

NAMES = ("latents", "latent", "codes", "tokens")
"""Names under which a .safetensors file with several tensors may hold its latents."""


def parse_array(data: bytes | memoryview, kind: str) -> Tensor:
    """Latents `(D, L)` or tokens `(K, L)` from the content of a file.

    Args:
        data: the content.
        kind: `npy` or `safetensors`.

    Returns:
        Float32 latents, or int64 tokens.

    Raises:
        ValueError: the content is damaged, of another type, or not of two dimensions.
    """
    array = READERS[kind](data)
    if array.dim() != 2 or 0 in array.shape:
        raise ValueError(f"holds an array of shape {tuple(array.shape)}; latents are (channels, frames)")
    if array.is_floating_point():
        array = array.float()
        if not bool(torch.isfinite(array).all()):
            raise ValueError("holds values that are not finite")
        return array
    if array.is_complex() or array.dtype == torch.bool:
        raise ValueError(f"holds {array.dtype}; latents are floats, tokens are integers")
    return array.long()


def _from_npy(data: bytes | memoryview) -> Tensor:
    head = io.BytesIO(bytes(data[:65536]))
    try:
        version = npy.read_magic(head)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read_header(head)
    except Exception as error:  # the header is a Python literal, whose parser raises many things
        raise ValueError(f"is no .npy data: {error}") from error
    if dtype.hasobject or dtype.kind not in "fiu":
        raise ValueError(f"holds {dtype}; latents are floats, tokens are integers")
    count, start = math.prod(shape), head.tell()
    if count * dtype.itemsize > len(data) - start:
        raise ValueError(f"is cut off: the header says {tuple(shape)} {dtype}, {len(data) - start} bytes follow")
    values = np.frombuffer(data, dtype, count, start).reshape(shape, order="F" if fortran else "C")
    return torch.from_numpy(values.astype(np.float32 if dtype.kind == "f" else np.int64))


def _from_safetensors(data: bytes | memoryview) -> Tensor:
    try:
        tensors = load_safetensors(bytes(data))
    except SafetensorError as error:
        raise ValueError(f"is no safetensors data: {error}") from error
    if len(tensors) == 1:
        return next(iter(tensors.values()))
    for name in NAMES:
        if name in tensors:
            return tensors[name]
    raise ValueError(f"holds {len(tensors)} tensors, none named {' or '.join(NAMES)}: {', '.join(list(tensors)[:8])}")


READERS: dict[str, Callable[[bytes | memoryview], Tensor]] = {"npy": _from_npy, "safetensors": _from_safetensors}
