"""Folders of `StableAudioPipeline` of diffusers, as documents and weights of ours.

Sources: `convert_stable_audio.py` and the classes of diffusers. The weights of a pipeline are named as
stable-audio-tools names them; its text encoder stays where it is and is read when a prompt is encoded.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.reading import read_tensors
from narrows.models.checkpoints.sources.diffusers_oobleck import LAYOUTS
from narrows.models.interchange.base import CONFIG, read_json
from narrows.models.interchange.oobleck import oobleck_model

INDEX = "model_index.json"
NUMBERS = {"start": "seconds_start", "end": "seconds_total"}
"""Conditioners of the two numbers by the name that the pipeline has for them."""
RENAMES = (
    (r"^time_proj\.", "timestep_features."),
    (r"^timestep_proj\.", "to_timestep_embed."),
    (r"^global_proj\.", "to_global_embed."),
    (r"^cross_attention_proj\.", "to_cond_embed."),
    (r"^proj_(in|out)\.", r"transformer.project_\1."),
    (r"^transformer_blocks\.", "transformer.layers."),
    (r"\.norm1\.weight", ".pre_norm.gamma"),
    (r"\.norm1\.bias", ".pre_norm.beta"),
    (r"\.norm2\.weight", ".cross_attend_norm.gamma"),
    (r"\.norm2\.bias", ".cross_attend_norm.beta"),
    (r"\.norm3\.weight", ".ff_norm.gamma"),
    (r"\.norm3\.bias", ".ff_norm.beta"),
    (r"\.attn1\.to_out\.0\.", ".self_attn.to_out."),
    (r"\.attn2\.to_out\.0\.", ".cross_attn.to_out."),
    (r"\.attn2\.to_q\.", ".cross_attn.to_q."),
    (r"\.ff\.net\.", ".ff.ff."),
)
JOINED = (
    (
        r"\.attn1\.to_q\.weight$",
        (".attn1.to_q.weight", ".attn1.to_k.weight", ".attn1.to_v.weight"),
        ".self_attn.to_qkv.weight",
    ),
    (r"\.attn2\.to_k\.weight$", (".attn2.to_k.weight", ".attn2.to_v.weight"), ".cross_attn.to_kv.weight"),
)
"""Tensors that are one in stable-audio-tools: the name of the first, of all, and of the whole."""


def is_pipeline(folder: Path) -> bool:
    """Whether diffusers wrote a folder with such a pipeline."""
    return read_json(folder / INDEX).get("_class_name") == "StableAudioPipeline"


def read_pipeline(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The model file and the weights of a folder.

    Args:
        folder: one of `is_pipeline`.

    Raises:
        CheckpointError: a part is missing, or is of a kind that our modules are not.
    """
    vae, transformer = _config(folder / "vae"), _config(folder / "transformer")
    projection = _config(folder / "projection_model")
    if transformer["time_proj_dim"] != 256:
        raise CheckpointError(f"{folder}: time_proj_dim is {transformer['time_proj_dim']}, only 256 is known here")
    if transformer["attention_head_dim"] < 64:
        raise CheckpointError(f"{folder}: attention_head_dim is below 64, where positions are turned in another way")
    width, codec = projection["conditioning_dim"], oobleck_model(vae)
    limits = {"min_val": projection["min_value"], "max_val": projection["max_value"]}
    prompt = {"model_path": str((folder / "text_encoder").absolute()), "max_length": _longest(folder)}
    network = {
        "io_channels": transformer["in_channels"],
        "embed_dim": transformer["num_attention_heads"] * transformer["attention_head_dim"],
        "depth": transformer["num_layers"],
        "num_heads": transformer["num_attention_heads"],
        "cond_token_dim": transformer["cross_attention_input_dim"],
        "global_cond_dim": transformer["global_states_input_dim"],
        "project_cond_tokens": False,
    }
    numbers = list(NUMBERS.values())
    document = {
        "model_type": "diffusion_cond",
        "sample_rate": vae["sampling_rate"],
        "sample_size": transformer["sample_size"] * codec["downsampling_ratio"],
        "audio_channels": vae["audio_channels"],
        "model": {
            "io_channels": transformer["in_channels"],
            "pretransform": {"type": "autoencoder", "iterate_batch": True, "config": codec},
            "conditioning": {
                "cond_dim": width,
                "configs": [
                    {"id": "prompt", "type": "t5", "config": prompt},
                    *({"id": name, "type": "number", "config": limits} for name in numbers),
                ],
            },
            "diffusion": {
                "type": "dit",
                "cross_attention_cond_ids": ["prompt", *numbers],
                "global_cond_ids": numbers,
                "config": network,
            },
        },
    }
    return document, _weights(folder, len(codec["encoder"]["config"]["strides"]))


def _weights(folder: Path, stages: int) -> dict[str, Tensor]:
    codec = LAYOUTS[stages - 1].read(read_tensors(folder / "vae")).tensors
    state = {f"pretransform.model.{name}": _flat(name, tensor) for name, tensor in codec.items()}
    given = read_tensors(folder / "transformer")
    for name in given:
        renamed, tensor = _named(name, given)
        if tensor is not None:
            state[f"model.model.{renamed}"] = tensor
    for name, tensor in read_tensors(folder / "projection_model").items():
        name = re.sub(r"^text_projection\.", "conditioner.conditioners.prompt.proj_out.", name)
        for theirs, ours in NUMBERS.items():
            place = rf"^{theirs}_number_conditioner\.time_positional_embedding\."
            name = re.sub(place, f"conditioner.conditioners.{ours}.embedder.embedding.", name)
        state[name] = tensor
    return state


def _named(name: str, given: dict[str, Any]) -> tuple[str, Tensor | None]:
    """Our name of a tensor, and what it is; None for those that are in another one."""
    for first, parts, whole in JOINED:
        if any(name.endswith(part) for part in parts):
            if not re.search(first, name):
                return name, None
            stem = re.sub(first, "", name)
            return _renamed(stem + whole), torch.cat([given[stem + part] for part in parts])
    tensor = given[name]
    return _renamed(name), tensor[:, None] if name == "time_proj.weight" else tensor


def _renamed(name: str) -> str:
    for pattern, new in RENAMES:
        name = re.sub(pattern, new, name)
    return name


def _flat(name: str, tensor: Tensor) -> Tensor:
    return tensor.flatten() if name.endswith((".alpha", ".beta")) else tensor


def _longest(folder: Path) -> int:
    """Tokens of a prompt: what the tokenizer of the pipeline pads to."""
    try:
        content = json.loads((folder / "tokenizer" / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 128
    longest = content.get("model_max_length")
    return int(longest) if isinstance(longest, int) and 0 < longest <= 4096 else 128


def _config(folder: Path) -> dict[str, Any]:
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"{folder} has no {CONFIG}: this folder of diffusers is not whole")
    return read_json(folder / CONFIG)
