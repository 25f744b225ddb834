"""Which model made a codec file."""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch import nn

from narrows.models.checkpoints.names import to_file


def model_hash(model: Any) -> str:
    """SHA-256 over the names, types, shapes and values of all weights, in hexadecimal digits.

    Two models with the same hash decode alike. It depends neither on the device nor on the file format. A model that
    was prepared for inference has the hash it had before.
    """
    model = identified_by(model)
    remembered = getattr(model, REMEMBERED, None)
    return remembered if isinstance(remembered, str) else _weights_hash(model)


REMEMBERED = "_hash_of_the_original_weights"


def remember_hash(model: Any) -> None:
    """Keep the present hash, whatever is done to the weights' form and arithmetic from now on."""
    setattr(identified_by(model), REMEMBERED, model_hash(model))


def identified_by(model: Any) -> Any:
    """The module whose weights identify a model and are saved: itself, unless it is a view of another one.

    A module that is a view of another one names that in an attribute `identity`.
    """
    return getattr(model, "identity", model)


def _weights_hash(model: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(to_file(model.state_dict()).items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        raw = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(memoryview(raw.view(torch.uint8).numpy()) if raw.numel() else b"")
    return digest.hexdigest()
