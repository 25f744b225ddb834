"""Conditions of a language model: how they are routed to the backbone, left out and doubled for guidance.

Letters: B batch, N condition tokens, D their width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.lm.errors import LanguageModelError

ConditionTensors = Mapping[str, tuple[Tensor, Tensor | None]]
"""By conditioner id: embeddings `(B, N, D)` and mask `(B, N)`, or None for all."""


@dataclass(frozen=True)
class Conditions:
    """Conditioning inputs of a backbone, before or after its projections; None if absent."""

    cross: Tensor | None = None
    """`(B, N, D)`, attended to."""
    cross_mask: Tensor | None = None
    """`(B, N)`, false for padding."""
    prepend: Tensor | None = None
    """`(B, N, D)`, tokens in front of the sequence."""
    prepend_mask: Tensor | None = None
    """`(B, N)`, false for padding."""
    sum: Tensor | None = None
    """`(B, N, D)`, added to every token; `(B, 1, D)` when projected."""

    @property
    def batch_size(self) -> int | None:
        """Items; None without conditions."""
        return next((len(t) for t in (self.cross, self.prepend, self.sum) if t is not None), None)

    def to(self, device: torch.device, dtype: torch.dtype) -> Conditions:
        """On a device, embeddings in a precision and masks as booleans."""
        given = {name: t.to(device) for name, t in self._given()}
        return replace(self, **{n: t.bool() if n.endswith("mask") else t.to(dtype) for n, t in given.items()})

    def joined(self, other: Conditions) -> Conditions:
        """Two batches as one."""
        mine, theirs = dict(self._given()), dict(other._given())
        return Conditions(**{name: torch.cat((t, theirs[name])) for name, t in mine.items()})

    def null(self, negative: Conditions | None = None) -> Conditions:
        """What guidance leads away from: embeddings of zero, or negative ones where there are."""
        zeros = {n: t if n.endswith("mask") else torch.zeros_like(t) for n, t in self._given()}
        instead = dict(negative._given()) if negative is not None else {}
        for name, tensor in instead.items():
            if name not in zeros or tensor.shape != zeros[name].shape:
                raise LanguageModelError(
                    f"The negative conditions for {name} have shape {tuple(tensor.shape)}; they must be those of the "
                    f"conditions themselves, {tuple(zeros[name].shape) if name in zeros else 'which are not there'}"
                )
        return Conditions(**(zeros | instead))

    def dropped(self, share: float, generator: Generator | None = None) -> Conditions:
        """Without all conditions of some items, drawn by one draw an item: what guidance sees as unconditional."""
        count = self.batch_size
        if count is None or share <= 0:
            return self
        device = generator.device if generator is not None else "cpu"
        keep = torch.rand(count, generator=generator, device=device) >= share
        kept = {
            n: t if n.endswith("mask") else torch.where(keep.to(t.device)[:, None, None], t, torch.zeros_like(t))
            for n, t in self._given()
        }
        return Conditions(**kept)

    def _given(self) -> list[tuple[str, Tensor]]:
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return [(name, tensor) for name, tensor in pairs if tensor is not None]


@dataclass(frozen=True)
class Routing:
    """Which conditioners enter where."""

    cross: Sequence[str] = ()
    prepend: Sequence[str] = ()
    sum: Sequence[str] = ()
    unused: Sequence[str] = ()
    """`global_cond_ids` of old files: computed, never used."""

    def inputs(self, tensors: ConditionTensors, negative: bool = False) -> dict[str, Tensor | None]:
        """Conditioning inputs by the names of stable-audio-tools, `cross_attn_mask` and `sum_cond` besides.

        Args:
            tensors: what the conditioner gives.
            negative: name them as negative conditions.
        """
        cross, cross_mask = _along_time(tensors, self.cross)
        prepend, prepend_mask = _along_time(tensors, self.prepend)
        unused = [embedding(tensors, name) for name in self.unused]
        vector = torch.cat([t.flatten(1) if t.shape[1] == 1 else t for t in unused], dim=-1) if unused else None
        named = {
            "cross_attn_cond": cross,
            "cross_attn_mask": cross_mask,
            "prepend_cond": prepend,
            "prepend_cond_mask": prepend_mask,
            "global_cond": vector,
            "sum_cond": _along_time(tensors, self.sum)[0],
        }
        return {f"negative_{name}": t for name, t in named.items()} if negative else named

    def conditions(self, tensors: ConditionTensors) -> Conditions:
        """Conditions of what the conditioner gives."""
        named: dict[str, Any] = self.inputs(tensors)
        keys = ("cross_attn_cond", "cross_attn_mask", "prepend_cond", "prepend_cond_mask", "sum_cond")
        return Conditions(*(named[key] for key in keys))


def embedding(tensors: ConditionTensors, name: str) -> Tensor:
    """The embeddings of a conditioner, `(B, N, D)`."""
    if name not in tensors:
        known = ", ".join(tensors) or "none"
        raise LanguageModelError(f"The model needs the condition {name!r}, but the conditions given are: {known}")
    tensor = tensors[name][0]
    return tensor[:, None] if tensor.dim() == 2 else tensor


def _along_time(tensors: ConditionTensors, names: Sequence[str]) -> tuple[Tensor | None, Tensor | None]:
    """Conditions joined along time, and their masks."""
    if not names:
        return None, None
    parts = [embedding(tensors, name) for name in names]
    masks = [
        torch.ones(part.shape[:2], device=part.device) if tensors[name][1] is None else tensors[name][1]
        for name, part in zip(names, parts, strict=True)
    ]
    return torch.cat(parts, dim=1), torch.cat([mask.float() for mask in masks], dim=1)  # type: ignore[union-attr]
