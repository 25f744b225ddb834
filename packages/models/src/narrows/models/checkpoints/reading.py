"""Reading checkpoint files without running code from them."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError

WEIGHTS = "model.safetensors"
"""The weights in a model folder."""

# Where programs keep the weights inside a pickle: Lightning and DAC, and AudioCraft.
CONTAINERS = ("state_dict", "best_state")


def read_tensors(path: Path) -> dict[str, Any]:
    """The content of a checkpoint file, or of the weights of a model folder.

    Raises:
        CheckpointError: the file is missing, damaged, or a pickle that holds more than tensors and plain values.
    """
    if path.is_dir():
        path = path / WEIGHTS
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            # About pickles of another protocol: they are read or refused, which the caller hears of.
            warnings.simplefilter("ignore", UserWarning)
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path} holds more than tensors, and code from files is never run: {error}") from error
    except (OSError, SafetensorError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"Cannot read {path}: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds {type(content).__name__}, not weights by name")
    return content


def weights_of(content: dict[str, Any]) -> dict[str, Tensor]:
    """The tensors by name inside a file's content; optimizer states and other values beside them are left out."""
    state = next((content[key] for key in CONTAINERS if isinstance(content.get(key), dict)), content)
    return {key: value for key, value in state.items() if isinstance(value, Tensor)}
