"""Singular vectors of weights, which `-xs` adapters build on, and the files that keep them (`svd_bases_path`).

Letters: O rows of a weight, I columns, K vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.configs.files import atomic_file
from narrows.models.adapters.errors import AdapterError
from narrows.models.checkpoints.kinds import FLOATS, finite
from narrows.models.checkpoints.reading import read_tensors

Bases = tuple[Tensor, Tensor]
"""Left vectors `(O, K)` and right ones `(I, K)`."""


def singular_bases(weight: Tensor) -> Bases:
    """The singular vectors of a weight `(O, I)`, the largest value first.

    Signs are those of stable-audio-3: the largest element of a left vector is positive.
    """
    left, _, right = torch.linalg.svd(weight.detach().cpu().float(), full_matrices=False)
    largest = left.abs().argmax(dim=0)
    signs = left[largest, torch.arange(left.shape[1])].sign()
    signs[signs == 0] = 1
    return left * signs, (right * signs[:, None]).T.contiguous()


def write_bases(path: Path, weights: Mapping[str, Tensor], rank: int) -> None:
    """Write the singular vectors of weights, as stable-audio-3 reads them.

    Args:
        path: of the file (`.pt`).
        weights: `(O, ...)` by the names of their modules.
        rank: vectors of each to keep.
    """
    found: dict[str, dict[str, Tensor]] = {}
    for name, weight in weights.items():
        left, right = singular_bases(weight.reshape(len(weight), -1))
        found[f"{name}.weight"] = {"U": left[:, :rank].contiguous(), "V": right[:, :rank].contiguous()}
    with atomic_file(path) as temporary:
        torch.save(found, temporary)


def read_bases(path: Path) -> dict[str, Bases]:
    """The singular vectors of a file, by the names of modules.

    Raises:
        AdapterError: the file holds something else, or numbers that are not finite.
    """
    content = read_tensors(path)
    found = {}
    for name, entry in content.items():
        if not _is_entry(entry):
            raise AdapterError(
                f"{path} holds no singular vectors: {name} must have U and V; `narrows adapter bases` writes such files"
            )
        if not all(entry[side].dtype in FLOATS and finite(entry[side]) for side in ("U", "V")):
            raise AdapterError(f"{path}: the singular vectors of {name} are no finite floating-point numbers")
        found[name.removesuffix(".weight")] = (entry["U"], entry["V"])
    return found


def chosen_bases(bases: Mapping[str, Bases], name: str, file_name: str, weight: Tensor, rank: int) -> Bases | None:
    """The vectors of a weight; None where the file has none for it.

    Args:
        bases: of `read_bases`.
        name: of the module in the model.
        file_name: of the module in its part, which files go by too.
        weight: `(O, I)`.
        rank: vectors that are needed.

    Raises:
        AdapterError: they are of another weight, or too few.
    """
    found = bases.get(name, bases.get(file_name))
    if found is None:
        return None
    needed = min(rank, *weight.shape)
    for side, vectors, length in (("U", found[0], len(weight)), ("V", found[1], weight.shape[1])):
        if vectors.dim() != 2 or len(vectors) != length or vectors.shape[1] < needed:
            raise AdapterError(
                f"Singular vectors of {name}: {side} is {tuple(vectors.shape)}, but the weight {tuple(weight.shape)} "
                f"at rank {rank} needs ({length}, {needed}). Write the file anew: narrows adapter bases"
            )
    return found


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, Mapping) and all(isinstance(entry.get(side), Tensor) for side in ("U", "V"))
