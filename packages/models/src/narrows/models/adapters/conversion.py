"""Adapters in other layouts, and adapters from the difference of two models.

Letters: O rows of a weight, I columns, R rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from narrows.models.adapters.attach import base_weight
from narrows.models.adapters.content import AdapterContent, LayerContent
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.files import read_adapter, write_adapter, write_peft
from narrows.models.adapters.fitting import fitted
from narrows.models.adapters.layer import LayerAdapter, as_matrix
from narrows.models.adapters.report import NOTHING
from narrows.models.adapters.targets import file_name, layers
from narrows.models.adapters.updates import SingularCore
from narrows.models.codec.identity import model_hash

Layout = Literal["narrows", "peft"]


def convert_adapter(path: Path, out: Path, to: Layout, model: nn.Module) -> AdapterContent:
    """Write an adapter in another layout.

    Args:
        path: of the adapter, in any layout.
        out: a file for `narrows`, which stable-audio-3 reads too; a folder for `peft`. PEFT has neither cores between
            singular vectors nor norms of columns: the former are multiplied out, the latter refused.
        to: the layout.
        model: that it fits: layouts name layers differently.

    Returns:
        What was written.

    Raises:
        AdapterError: it does not fit the model, or PEFT has no such kind.
    """
    given = read_adapter(path)
    adapters = fitted(model, given, str(path))
    if to == "narrows":
        named = {file_name(model, name): _content(one) for name, one in adapters.items()}
        content = AdapterContent(given.kind, named, base=given.base, config=given.config)
        write_adapter(out, content)
        return content
    multiplied = {name: _low_rank(one) for name, one in adapters.items()}
    content = AdapterContent(given.kind.removesuffix("-xs"), multiplied, base=given.base, config=given.config)
    own = layers(model)
    write_peft(out, content, {name: tuple(base_weight(own[name]).shape) for name in content.layers})
    return content


@dataclass(frozen=True)
class Extraction:
    """What was taken from the difference of two models."""

    content: AdapterContent
    share: float
    """Of the change of the layers (squared), what the adapter has."""
    left: list[str]
    """Tensors that differ and that no adapter can have, e.g. biases and norms."""


@torch.no_grad()
def extract_adapter(base: Any, tuned: Any, rank: int) -> Extraction:
    """The LoRA that comes nearest to the difference of two models, by singular values.

    Args:
        base: a model.
        tuned: the same architecture with other weights.
        rank: of the adapter.

    Raises:
        AdapterError: the models are of other architectures, or alike.
    """
    before, after = base.state_dict(), tuned.state_dict()
    if {name: value.shape for name, value in before.items()} != {name: value.shape for name, value in after.items()}:
        raise AdapterError("The two models are not of one architecture: their tensors differ in names or shapes")
    kept = total = 0.0
    found: dict[str, LayerContent] = {}
    tuned_layers = layers(tuned)
    for name, layer in layers(base).items():
        difference = as_matrix(base_weight(tuned_layers[name]).float() - base_weight(layer).float())
        if not difference.any():
            continue
        left, values, right = torch.linalg.svd(difference, full_matrices=False)
        count = min(rank, len(values))
        root = values[:count].sqrt()
        tensors = {"lora_A": root[:, None] * right[:count], "lora_B": left[:, :count] * root}
        found[file_name(base, name)] = LayerContent(tensors, 1.0)
        kept += float(values[:count].square().sum())
        total += float(values.square().sum())
    if total**0.5 < NOTHING:
        raise AdapterError("The two models have the same weights in all layers that an adapter can change")
    adapted = {f"{name}.weight" for name in layers(base)}
    rest = [name for name, value in before.items() if name not in adapted and not torch.equal(value, after[name])]
    return Extraction(AdapterContent("lora", found, base=model_hash(base)), kept / total, rest)


def _content(adapter: LayerAdapter) -> LayerContent:
    return LayerContent({name: value.cpu() for name, value in adapter.tensors().items()}, adapter.scale)


def _low_rank(adapter: LayerAdapter) -> LayerContent:
    """A core between singular vectors as the product of two matrices, `(U M) V^T`."""
    tensors: dict[str, Tensor] = _content(adapter).tensors
    if isinstance(adapter.update, SingularCore):
        update = adapter.update
        tensors = {name: value for name, value in tensors.items() if name != "M_xs"}
        tensors |= {"lora_A": update.V.T.cpu(), "lora_B": (update.U @ update.M_xs).detach().cpu()}
    return LayerContent(tensors, adapter.scale)
