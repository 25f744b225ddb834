"""Files of stable-audio-3, which are those of this library: one safetensors file, options in its header.

The names are those of torch's parametrizations, without the part of the model (`model.` or `conditioner.`):
`model.transformer.layers.0.self_attn.to_qkv.parametrizations.weight.0.lora_A`. Lightning checkpoints of its trainer
(`state_dict` and `lora_config`) have the same names.

Letters: O rows of a weight, R rank.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from narrows.models.adapters.content import AdapterContent, LayerContent
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.kinds import KINDS, kind_name

PROGRAM = "stable-audio-3"
NAME = re.compile(
    r"(?P<layer>.+)\.parametrizations\.weight\.\d+\."
    r"(?P<tensor>lora_A|lora_B|M_xs|magnitude|magnitude_r|magnitude_c|U|V|lora_dropout_mask)"
)
OPTIONS, OWN = "lora_config", "narrows"
"""The entry of the header, and what this library adds to it. It is the only one, so that equal adapters are equal
files: safetensors writes several in any order."""


def read(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> AdapterContent:
    """The content of a file.

    Args:
        tensors: by name.
        header: of a safetensors file, as JSON texts; `lora_config` may be an object.

    Raises:
        AdapterError: names or options are wrong.
    """
    options = _json(header.get(OPTIONS))
    own = _json(options.pop(OWN, None))
    by_layer: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        found = NAME.fullmatch(name)
        if found is None:
            raise AdapterError(f"{name} is no name of an adapter of {PROGRAM}")
        if found["tensor"] != "lora_dropout_mask":
            by_layer.setdefault(found["layer"], {})[found["tensor"]] = tensor
    first = next(iter(by_layer.values()))
    kind = kind_name(str(options.get("adapter_type") or guessed(first)), first)
    layers = {name: {key: flat(key, value) for key, value in layer.items()} for name, layer in by_layer.items()}
    ranks = [LayerContent(layer, 1.0).rank for layer in layers.values() if {"lora_A", "M_xs"} & layer.keys()]
    rank = options.get("rank") or max(ranks, default=1)
    scale = float(options.get("alpha") or rank) / float(rank)
    content = {name: LayerContent(layer, scale) for name, layer in layers.items()}
    return AdapterContent(kind, content, "narrows" if own else PROGRAM, own.get("base"), options)


def write(content: AdapterContent) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and header of a file.

    The layout has one rank and one scale for all layers: smaller ranks are filled up with zeros, other scales
    multiplied into `lora_B` and `M_xs`.
    """
    rank = content.rank
    scales = {layer.scale for layer in content.layers.values()}
    scale = scales.pop() if len(scales) == 1 else 1.0
    tensors = {}
    for name, layer in content.layers.items():
        for key, tensor in layer.tensors.items():
            value = _padded(key, tensor, rank) * (layer.scale / scale if key in ("lora_B", "M_xs") else 1.0)
            tensors[f"{name}.parametrizations.weight.0.{key}"] = value.contiguous()
    own = {"version": 1, **({} if content.base is None else {"base": content.base})}
    options = {**content.config, "rank": rank, "alpha": scale * rank, "adapter_type": content.kind, OWN: own}
    return tensors, {OPTIONS: json.dumps(options)}


def guessed(tensors: Mapping[str, Tensor]) -> str:
    """The kind of a file without options, by the tensors of a layer; one norm is that of rows."""
    trained = {name for name in tensors if name not in ("U", "V")}
    return next((name for name, kind in KINDS.items() if kind.tensors == trained), "lora")


def flat(key: str, tensor: Tensor) -> Tensor:
    """Norms as a vector; old files have `(O, 1)` or `(1, I)`."""
    return tensor.reshape(-1) if key.startswith("magnitude") else tensor


def _padded(key: str, tensor: Tensor, rank: int) -> Tensor:
    missing = rank - (len(tensor) if key in ("lora_A", "M_xs") else tensor.shape[-1])
    if key.startswith("magnitude") or missing <= 0:
        return tensor
    if key == "lora_A":
        return F.pad(tensor, (0, 0, 0, missing))
    return F.pad(tensor, (0, missing, 0, missing) if key == "M_xs" else (0, missing))


def _json(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    try:
        found = json.loads(value) if isinstance(value, str) else value
        if not isinstance(found, Mapping):
            raise TypeError(type(found).__name__)
    except (ValueError, TypeError) as error:
        raise AdapterError(f"The options in the header of the file are no JSON object: {error}") from error
    return dict(found)
