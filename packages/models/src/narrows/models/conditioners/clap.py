"""Weights of CLAP (Wu et al. 2023): files of laion_clap and folders of transformers, under one set of names.

The names are those of laion_clap outside the audio tower, whose inside is called as in transformers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.checkpoints.reading import read_tensors, weights_of
from narrows.models.conditioners.encoders import EncoderError

JOINT_WIDTH = 512
"""Width that texts and audio share in published weights."""
TOWERS = {"HTSAT-tiny": 768, "HTSAT-base": 1024, "HTSAT-large": 2048}
"""Width of the audio towers, by the names of laion_clap."""

# (in the file, here); of ClapModel
TRANSFORMERS = (
    (r"^text_model\.", "text_branch."),
    (r"^audio_model\.audio_encoder\.", "audio_branch."),
    (r"_projection\.linear1\.", "_projection.0."),
    (r"_projection\.linear2\.", "_projection.2."),
)
# Inside the audio tower of laion_clap, in this order.
LAION_AUDIO = (
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.(?!mask)", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"^audio_branch\.bn0\.", "audio_branch.batch_norm."),
)
# Buffers that are computed, and parts of the tower that only its own classifier uses.
LEFT_OUT = re.compile(
    r"(.*\.)?(position_ids|token_type_ids|attn_mask)$|audio_branch\.(spectrogram_extractor|logmel_extractor|tscam_conv|head)\."
)


def clap_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a CLAP checkpoint, by the names used here.

    Args:
        path: a file of laion_clap, whose pickle is read without running code, or a folder of transformers.

    Raises:
        EncoderError: there is no checkpoint.
        CheckpointError: it cannot be read.
    """
    if not path.exists():
        raise EncoderError(f"There is no CLAP checkpoint at {path}: write the path of its file or folder")
    tensors = weights_of(read_tensors(path), {})
    tensors = {key.removeprefix("module."): value for key, value in tensors.items()}
    theirs = any(key.startswith(("text_model.", "audio_model.")) for key in tensors)
    if not theirs:
        tensors = _split(tensors)
    renames = TRANSFORMERS if theirs else LAION_AUDIO
    renamed = {_renamed(key, renames): value for key, value in tensors.items()}
    return {
        key: value.float() if value.is_floating_point() else value
        for key, value in renamed.items()
        if not LEFT_OUT.match(key)
    }


def clap_config(path: Path, part: str) -> dict[str, Any] | None:
    """The configuration of a tower, `text_config` or `audio_config`, in a folder of transformers; None for a file."""
    if not path.is_dir():
        return None
    try:
        whole: dict[str, Any] = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"Cannot read the configuration of a CLAP model from {path}: {error}") from error
    return {**whole.get(part, {}), "projection_dim": whole.get("projection_dim", JOINT_WIDTH)}


def projection(width: int, joint: int) -> nn.Sequential:
    """The layers between a tower and what texts and audio share."""
    return nn.Sequential(nn.Linear(width, joint), nn.ReLU(), nn.Linear(joint, joint))


def fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path, optional: tuple[str, ...] = ()) -> nn.Module:
    """Load tensors of the module's names and leave those of other parts.

    Args:
        module: takes the tensors.
        tensors: of the whole checkpoint.
        path: for messages.
        optional: beginnings of names that the checkpoint need not have.

    Raises:
        EncoderError: a tensor is missing or has another shape.
    """
    state = module.state_dict()
    wrong = [
        key
        for key, value in state.items()
        if (key in tensors and tensors[key].shape != value.shape)
        or (key not in tensors and not key.startswith(optional) and not key.endswith("num_batches_tracked"))
    ]
    if wrong:
        listed = ", ".join(wrong[:3]) + (", …" if len(wrong) > 3 else "")
        raise EncoderError(f"{path} does not fit: {len(wrong)} tensors are missing or have another shape: {listed}")
    module.load_state_dict({key: tensors.get(key, value) for key, value in state.items()})
    return module


def count(tensors: Mapping[str, Tensor], pattern: str) -> int:
    """How many numbers stand in the place of the group of a pattern."""
    return len({found.group(1) for key in tensors if (found := re.match(pattern, key))})


def _split(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Queries, keys and values of the audio tower apart."""
    split: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if key.startswith("audio_branch.") and ".qkv." in key:
            for name, part in zip(("query", "key", "value"), torch.chunk(value, 3), strict=True):
                split[key.replace(".qkv.", f".{name}.")] = part
        else:
            split[key] = value
    return split


def _renamed(key: str, renames: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in renames:
        if renames is not LAION_AUDIO or key.startswith("audio_branch."):
            key = re.sub(pattern, replacement, key)
    return key
