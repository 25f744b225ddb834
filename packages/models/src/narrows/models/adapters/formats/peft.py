"""Folders of PEFT: `adapter_model.safetensors` and `adapter_config.json`, for LoRA and DoRA.

Letters: O rows of a weight, I columns, R rank.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from narrows.models.adapters.content import AdapterContent, LayerContent
from narrows.models.adapters.errors import AdapterError

PROGRAM = "PEFT"
WEIGHTS, OPTIONS = "adapter_model.safetensors", "adapter_config.json"
PREFIX = "base_model.model."
MARKS = (".lora_A.weight", ".lora_B.weight", ".lora_A.default.weight", ".lora_B.default.weight")
NAME = re.compile(
    r"(?:base_model\.model\.)?(?P<layer>.+)\."
    r"(?P<tensor>lora_A|lora_B|lora_magnitude_vector)(?:\.default)?(?:\.weight)?"
)
TENSORS = {"lora_A": "lora_A", "lora_B": "lora_B", "lora_magnitude_vector": "magnitude"}


def read(tensors: Mapping[str, Tensor], options: Mapping[str, Any]) -> AdapterContent:
    """The content of a folder.

    Args:
        tensors: by name.
        options: of `adapter_config.json`; empty takes the rank as `lora_alpha`, as diffusers does.

    Raises:
        AdapterError: it is of another method than LoRA, or trains more than that.
    """
    if options.get("peft_type", "LORA") != "LORA":
        raise AdapterError(f"The adapter is of the method {options['peft_type']} of PEFT; only LORA can be read")
    if options.get("bias", "none") != "none" or options.get("modules_to_save"):
        raise AdapterError("The adapter trains biases or whole modules (bias, modules_to_save), which is no LoRA")
    by_layer: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        found = NAME.fullmatch(name)
        if found is None:
            raise AdapterError(f"{name} is no name of a LoRA of {PROGRAM}")
        by_layer.setdefault(found["layer"], {})[TENSORS[found["tensor"]]] = _as_matrix(found["tensor"], tensor)
    layers = {name: LayerContent(layer, _scale(name, layer, options)) for name, layer in by_layer.items()}
    kind = "dora-rows" if any("magnitude" in layer for layer in by_layer.values()) else "lora"
    return AdapterContent(kind, layers, PROGRAM, config=_trained(options))


def write(content: AdapterContent, shapes: Mapping[str, tuple[int, ...]]) -> tuple[dict[str, Tensor], str]:
    """Tensors, and the text of `adapter_config.json`.

    Args:
        content: of the kind `lora` or `dora-rows`, by the names of layers in the model.
        shapes: of the weights, by the same names.

    Raises:
        AdapterError: PEFT has no such kind.
    """
    if content.kind not in ("lora", "dora-rows"):
        raise AdapterError(f"PEFT has no adapters of the kind {content.kind}; merge it into the model instead")
    tensors = {}
    for name, layer in content.layers.items():
        kernel = shapes[name][2:]
        down, up = layer.tensors["lora_A"], layer.tensors["lora_B"]
        tensors[f"{PREFIX}{name}.lora_A.weight"] = down.reshape(len(down), -1, *kernel) if kernel else down
        tensors[f"{PREFIX}{name}.lora_B.weight"] = up.reshape(*up.shape, *(1 for _ in kernel))
        if "magnitude" in layer.tensors:
            norms = layer.tensors["magnitude"]
            tensors[f"{PREFIX}{name}.lora_magnitude_vector"] = (
                norms.reshape(1, -1, *(1 for _ in kernel)) if kernel else norms
            )
    return {name: tensor.contiguous() for name, tensor in tensors.items()}, json.dumps(_options(content), indent=2)


def _options(content: AdapterContent) -> dict[str, Any]:
    ranks = {name: layer.rank for name, layer in content.layers.items()}
    alphas = {name: layer.scale * layer.rank for name, layer in content.layers.items()}
    rank = content.rank
    alpha = next(alphas[name] for name in ranks if ranks[name] == rank)
    return {
        "peft_type": "LORA",
        "r": rank,
        "lora_alpha": alpha,
        "rank_pattern": {name: value for name, value in ranks.items() if value != rank},
        "alpha_pattern": {name: value for name, value in alphas.items() if value != alpha},
        "target_modules": sorted(content.layers),
        "use_dora": content.kind == "dora-rows",
        "use_rslora": False,
        "lora_dropout": float(content.config.get("dropout") or 0.0),
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "task_type": None,
        "base_model_name_or_path": None,
    }


def _scale(name: str, layer: Mapping[str, Tensor], options: Mapping[str, Any]) -> float:
    rank = len(layer["lora_A"]) if "lora_A" in layer else 1
    alpha = float(_patterned(options.get("alpha_pattern"), name) or options.get("lora_alpha") or rank)
    return alpha / (math.sqrt(rank) if options.get("use_rslora") else rank)


def _patterned(patterns: Mapping[str, Any] | None, name: str) -> Any:
    """The value for a layer: patterns are ends of names, or regular expressions for them."""
    return next((value for key, value in (patterns or {}).items() if re.fullmatch(rf"(?:.*\.)?(?:{key})", name)), None)


def _trained(options: Mapping[str, Any]) -> dict[str, Any]:
    return {"dropout": options["lora_dropout"]} if options.get("lora_dropout") else {}


def _as_matrix(name: str, tensor: Tensor) -> Tensor:
    """Convolutions as matrices, norms as vectors."""
    return tensor.reshape(-1) if name == "lora_magnitude_vector" else tensor.reshape(len(tensor), -1)
