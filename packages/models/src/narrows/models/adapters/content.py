"""What an adapter's file holds, whoever wrote it.

Letters: O rows of a weight, I columns, R rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from narrows.models.adapters.kinds import KINDS
from narrows.models.adapters.layer import LayerAdapter


@dataclass(frozen=True)
class LayerContent:
    """The adapter of one layer."""

    tensors: dict[str, Tensor]
    """By the names of stable-audio-3: `lora_A` `(R, I)`, `lora_B` `(O, R)`, `M_xs` `(R, R)`, `magnitude`,
    `magnitude_r`, `magnitude_c`; and singular vectors `U`, `V`, where the file has them."""
    scale: float
    """Factor of the update."""

    @property
    def rank(self) -> int:
        """R."""
        return len(self.tensors["lora_A"] if "lora_A" in self.tensors else self.tensors["M_xs"])


@dataclass(frozen=True)
class AdapterContent:
    """An adapter."""

    kind: str
    """Name in `KINDS`."""
    layers: dict[str, LayerContent]
    """By the names of layers in the file."""
    source: str = "narrows"
    """Whose layout the file has."""
    base: str | None = None
    """Hash (`narrows.models.codec.model_hash`) of the model that it was trained on; None where the file has none."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """How it was trained: the `lora_config` of the training section."""

    @property
    def rank(self) -> int:
        """The largest rank."""
        return max(layer.rank for layer in self.layers.values())

    @property
    def parameters(self) -> int:
        """Trained values."""
        trained = KINDS[self.kind].tensors
        return sum(
            tensor.numel()
            for layer in self.layers.values()
            for name, tensor in layer.tensors.items()
            if name in trained
        )


def content_of(
    adapters: Mapping[str, LayerAdapter],
    tensors: Mapping[str, Mapping[str, Tensor]] | None = None,
    base: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> AdapterContent:
    """The content of adapters, by the names that are given, on the CPU.

    Args:
        adapters: of one kind, by the names of layers for the file.
        tensors: of each layer, in place of those that the adapters hold; what is not trained is left out.
        base: hash of the model that they were trained on.
        config: how they were trained.
    """
    kind = next(iter(adapters.values())).kind
    layers = {}
    for name, adapter in adapters.items():
        given = adapter.tensors() if tensors is None else tensors[name]
        kept = {key: value.detach().cpu().clone() for key, value in given.items() if key in KINDS[kind].tensors}
        layers[name] = LayerContent(kept, adapter.scale)
    return AdapterContent(kind, layers, base=base, config=dict(config or {}))
