"""`load_checkpoint`: strict loading of weights from any accepted file."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from narrows.models.checkpoints.errors import CheckpointError, mismatch
from narrows.models.checkpoints.names import from_file, strip_prefix


@dataclass(frozen=True)
class LoadReport:
    """What was loaded."""

    path: str
    source: str
    """Which weights of the file were taken, e.g. `model` or `ema`."""
    tensors: int
    """Tensors loaded: all of the model's."""


def load_checkpoint(model: nn.Module, path: str | Path) -> LoadReport:
    """Load weights into a model; every tensor of both sides must fit.

    Args:
        model: any model of `create_model_from_config`.
        path: .safetensors, or a pickle (.ckpt, .pt, .pth), which is read without running any code.

    Raises:
        CheckpointError: the file cannot be read, or a tensor is missing, left over or of another shape; the message
            names every one with its nearest candidate. The model is unchanged then.
    """
    expected = model.state_dict()
    source, given = _weights(read_tensors(Path(path)), expected)
    given = {**{name: expected[name] for name in constants(model)}, **given}
    error = mismatch(str(path), expected, given)
    if error is not None:
        raise error
    model.load_state_dict(given, strict=True)
    return LoadReport(str(path), source, len(given))


def constants(model: nn.Module) -> list[str]:
    """Buffers that follow from a module's options alone; a file may leave them out.

    A module names its own in a class attribute `constants`.
    """
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, module in model.named_modules()
        for name in getattr(module, "constants", ())
        if name in module._buffers
    ]


def read_tensors(path: Path) -> dict[str, Any]:
    """The content of a checkpoint file.

    Raises:
        CheckpointError: the file is missing, damaged, or a pickle that holds more than tensors and plain values.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"Cannot read {path}: {error}") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path} holds more than tensors, and code from files is never run: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds {type(content).__name__}, not weights by name")
    return content


def _weights(content: dict[str, Any], expected: Mapping[str, Tensor]) -> tuple[str, dict[str, Tensor]]:
    """The model's weights inside a file, and what they are called there.

    Names of a model may themselves start with `model.`, so that the reading with the most names in common is taken;
    of equal ones the moving average first, as in the reference.
    """
    state = {key: value for key, value in content.get("state_dict", content).items() if isinstance(value, Tensor)}
    readings = {"ema": strip_prefix(state, r"ema\."), "model": strip_prefix(state, r"model\."), "bare": state}
    spelt = {source: from_file(tensors) for source, tensors in readings.items() if tensors}
    if not spelt:
        return "bare", {}
    source = max(spelt, key=lambda name: len(spelt[name].keys() & expected.keys()))
    return source, spelt[source]
