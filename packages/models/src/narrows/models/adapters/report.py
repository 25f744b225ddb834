"""What an adapter does to a model: the change of each weight against its size.

Letters: W a weight of the base, ΔW the change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal

import torch
from torch import nn

from narrows.models.adapters.attach import base_weight
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.layer import LayerAdapter

NOTHING = 1e-6
"""‖ΔW‖/‖W‖ that rounding alone can make."""
BLOCK = re.compile(r"(.*?\.\d+)\..*")


@dataclass(frozen=True)
class Effect:
    """The change of the weights of a part."""

    layers: int
    tensors: int
    """Of the file, all of which are used."""
    change: float
    """‖ΔW‖ (Frobenius), at strength 1."""
    size: float
    """‖W‖ of the layers that are changed."""

    @property
    def ratio(self) -> float:
        """‖ΔW‖/‖W‖; infinite where a weight of zeros is changed."""
        return self.change / self.size if self.size else float("inf") if self.change else 0.0


@dataclass(frozen=True)
class EffectReport:
    """What an adapter does to a model."""

    path: str
    kind: str
    source: str
    """Whose layout the file has."""
    base: Literal["same", "other", "unknown"]
    """Whether it was trained on these weights."""
    whole: Effect
    parts: dict[str, Effect]
    """By block of the model."""
    strongest: tuple[str, float]
    """The layer that changes most, and its ‖ΔW‖/‖W‖."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it, which has no infinite numbers: None stands for them."""
        told = {name: {**asdict(effect), "ratio": _finite(effect.ratio)} for name, effect in self.parts.items()}
        whole = {**asdict(self.whole), "ratio": _finite(self.whole.ratio)}
        strongest = {"layer": self.strongest[0], "ratio": _finite(self.strongest[1])}
        return {**asdict(self), "whole": whole, "parts": told, "strongest": strongest}

    def __str__(self) -> str:
        """One line."""
        text = (
            f"{self.path}: {self.kind} ({self.source}), {self.whole.tensors} tensors in {self.whole.layers} layers, "
            f"‖ΔW‖/‖W‖ {self.whole.ratio:.2g}, most in {self.strongest[0]} ({self.strongest[1]:.2g})"
        )
        return text + ("; trained on another base" if self.base == "other" else "")


@torch.no_grad()
def effect_report(
    model: nn.Module,
    adapters: Mapping[str, LayerAdapter],
    path: str,
    source: str = "narrows",
    base: Literal["same", "other", "unknown"] = "unknown",
) -> EffectReport:
    """Measure what adapters change, at strength 1.

    Args:
        model: the base.
        adapters: by the names of its layers; attached or not.
        path: of their file.
        source: whose layout it has.
        base: whether they were trained on this model.

    Raises:
        AdapterError: they change nothing.
    """
    by_layer = {name: _effect(base_weight(model.get_submodule(name)), adapter) for name, adapter in adapters.items()}
    whole = _joined(list(by_layer.values()))
    if whole.ratio < NOTHING:
        raise AdapterError(
            f"{path} changes nothing: its updates are all zero. The training has not begun, or wrote other files than "
            "it trained"
        )
    parts: dict[str, list[Effect]] = {}
    for name, effect in by_layer.items():
        parts.setdefault(_block(name), []).append(effect)
    strongest = max(by_layer, key=lambda name: by_layer[name].ratio)
    kind = next(iter(adapters.values())).kind
    joined = {name: _joined(effects) for name, effects in parts.items()}
    return EffectReport(path, kind, source, base, whole, joined, (strongest, by_layer[strongest].ratio))


def _finite(ratio: float) -> float | None:
    return ratio if isfinite(ratio) else None


def _effect(weight: torch.Tensor, adapter: LayerAdapter) -> Effect:
    exact = weight.float()
    strength, adapter.strength = adapter.strength, 1.0
    try:
        change = float((adapter(exact) - exact).norm())
    finally:
        adapter.strength = strength
    return Effect(1, len(adapter.tensors()), change, float(exact.norm()))


def _joined(effects: list[Effect]) -> Effect:
    change, size = (sum(getattr(effect, name) ** 2 for effect in effects) ** 0.5 for name in ("change", "size"))
    return Effect(sum(effect.layers for effect in effects), sum(effect.tensors for effect in effects), change, size)


def _block(name: str) -> str:
    """The block that a layer stands in: its name up to the first number."""
    found = BLOCK.fullmatch(name)
    return found[1] if found is not None else name.rpartition(".")[0] or name
