"""Files with `lora_down`, `lora_up` and `alpha`, as sd-scripts and older diffusers write them.

Names of layers have underscores in place of dots.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from narrows.models.adapters.content import AdapterContent, LayerContent
from narrows.models.adapters.errors import AdapterError

PROGRAM = "sd-scripts"
MARKS = (".lora_down.weight", ".lora_up.weight", ".lora.down.weight", ".lora.up.weight")
NAME = re.compile(
    r"(?:lora_(?:unet|transformer|te\d?)_)?(?P<layer>.+)\."
    r"(?P<tensor>lora[._]down\.weight|lora[._]up\.weight|alpha|dora_scale)"
)
TENSORS = {"lora_down.weight": "lora_A", "lora_up.weight": "lora_B", "dora_scale": "magnitude", "alpha": "alpha"}


def read(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> AdapterContent:
    """The content of a file.

    Raises:
        AdapterError: it has more than LoRA and DoRA of rows.
    """
    by_layer: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        found = NAME.fullmatch(name)
        if found is None:
            raise AdapterError(f"{name} is no name of a LoRA of {PROGRAM}")
        key = TENSORS[found["tensor"].replace("lora.", "lora_")]
        by_layer.setdefault(found["layer"], {})[key] = tensor
    layers = {}
    for name, layer in by_layer.items():
        rank = len(layer["lora_A"]) if "lora_A" in layer else 1
        alpha = float(layer.pop("alpha", rank))
        matrices = {key: value.reshape(-1) if key == "magnitude" else value.flatten(1) for key, value in layer.items()}
        layers[name] = LayerContent(matrices, alpha / rank)
    kind = "dora-rows" if any("magnitude" in layer.tensors for layer in layers.values()) else "lora"
    return AdapterContent(kind, layers, PROGRAM)
