"""Reading checkpoint files without running code from them, whatever they are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.pickles import read_pickle
from narrows.models.checkpoints.sharded import is_sharded, read_sharded
from narrows.models.checkpoints.wrappers import unwrapped

WEIGHTS = "model.safetensors"
"""The weights in a model folder."""
IN_FOLDERS = (WEIGHTS, "diffusion_pytorch_model.safetensors", "pytorch_model.bin", "diffusion_pytorch_model.bin")
"""Weights in folders of this library, transformers and diffusers; `<name>.index.json` beside them lists shards."""
CONTAINERS = (
    *("state_dict", "best_state", "model", "generator", "model_state_dict"),
    *("module", "weights", "ema", "params", "net"),
)
"""Where programs keep the weights inside a pickle. Of those that a file has, the one that fits the model is read; of a
file that has none of them, whatever fits."""


def read_tensors(path: Path) -> dict[str, Any]:
    """The content of a checkpoint file or folder, or of the weights of a model folder, shards included.

    The first bytes say what a file is, not its name.

    Raises:
        CheckpointError: the file is missing, damaged, or a pickle that holds more than tensors and plain values.
    """
    if path.is_dir():
        return read_sharded(path) if is_sharded(path) else _of_folder(path)
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise CheckpointError(f"Cannot read {path}: {error.strerror or error}") from error
    if not start:
        raise CheckpointError(f"{path} is empty (0 bytes)")
    if start[8:9] == b"{" and start[:2] != b"PK":
        return _safetensors(path)
    if start[:1] == b"{" and path.suffix == ".json":
        return _shards(path)
    return read_pickle(path)


def weights_of(content: Mapping[str, Any], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by name inside a file's content; optimizer states and other values beside them are left out.

    Args:
        content: of the file.
        expected: the model's tensors, to choose among several containers.
    """
    inside = [content[key] for key in CONTAINERS if isinstance(content.get(key), Mapping)]
    candidates = [_tensors(state) for state in (*inside, content)]
    filled = [state for state in candidates if state]
    known = {_last(name) for name in expected}
    if not filled:
        # Under a key that nobody has heard of they are weights when they are called like the model's.
        others = (_tensors(state) for state in content.values() if isinstance(state, Mapping))
        filled = [state for state in others if known & {_last(name) for name in state}]
    # Of containers that name as many of the model's tensors, the first: raw weights come before their average.
    return max(filled, key=lambda state: len(known & {_last(name) for name in state}), default={})


def _last(name: str) -> str:
    """The end of a name, which every layout leaves as it is."""
    return ".".join(name.split(".")[-3:])


def _tensors(state: Mapping[str, Any]) -> dict[str, Tensor]:
    return unwrapped({key: value for key, value in state.items() if isinstance(value, Tensor)})


def _of_folder(folder: Path) -> dict[str, Any]:
    for name in IN_FOLDERS:
        index = folder / f"{name}.index.json"
        if index.is_file():
            return _shards(index)
        if (folder / name).is_file():
            return read_tensors(folder / name)
    found = sorted(path.name for path in folder.iterdir() if path.is_file())[:10]
    here = ", ".join(found) or "nothing"
    raise CheckpointError(f"{folder} holds no weights: {', '.join(IN_FOLDERS)} are looked for, there is {here}")


def _shards(index: Path) -> dict[str, Any]:
    """The tensors of all files that an index (`weight_map`) names, each once."""
    try:
        places: Any = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        files = sorted(set(places.values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{index} is no index of shards (a `weight_map` of names and files): {error}") from error
    content: dict[str, Any] = {}
    for name in files:
        if Path(name).name != name:
            raise CheckpointError(f"{index} names {name!r}, which is not a file beside it")
        content |= read_tensors(index.with_name(name))
    missing = sorted(set(places) - set(content))
    if missing:
        raise CheckpointError(f"The shards of {index} lack {len(missing)} tensors, the first {missing[0]}")
    return content


def _safetensors(path: Path) -> dict[str, Any]:
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"Cannot read {path}: it begins like safetensors, but {error}") from error
