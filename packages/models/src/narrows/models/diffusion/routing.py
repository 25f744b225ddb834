"""Where the outputs of conditioners enter a backbone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.diffusion.conditions import NEGATIVE

Conditions = Mapping[str, tuple[Tensor, Tensor | None]]
"""What conditioners give by id: `(B, N, D)`, or `(B, D, L)` in step with the latents, and a mask `(B, N)` or None."""


class MissingConditionError(NarrowsError, KeyError):
    """A condition that a model needs was not given."""

    def __str__(self) -> str:
        """The message, which a KeyError would quote."""
        return str(self.args[0])


@dataclass(frozen=True)
class Routing:
    """Ids of conditioners by the place where they enter."""

    cross: tuple[str, ...] = ()
    prepend: tuple[str, ...] = ()
    vector: tuple[str, ...] = ()
    concat: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    modular: tuple[str, ...] = ()

    def inputs(self, tensors: Conditions, negative: bool = False, without: Collection[str] = ()) -> dict[str, Any]:
        """Keyword arguments of a backbone, by the reference's names.

        Args:
            tensors: conditions by id; those that no place takes are left out.
            negative: name them as conditions to stay away from.
            without: ids whose conditions are replaced by zeros, and their masks by false.

        Raises:
            MissingConditionError: an id of a place is missing. A local condition of single layers may be.
        """
        given = {name: emptied(tensors[name]) if name in without else tensors[name] for name in tensors}
        cross, cross_mask = _tokens(given, self.cross)
        out: dict[str, Any] = {
            "cross_attn_cond": cross,
            "cross_attn_mask": cross_mask,
            "global_cond": _vector(given, self.vector),
            "input_concat_cond": _frames(given, self.concat),
        }
        prepend, prepend_mask = _tokens(given, self.prepend)
        out |= {"prepend_cond": prepend, "prepend_cond_mask": prepend_mask}
        if self.local:
            out["local_add_cond"] = _frames(given, self.local)
        if self.modular:
            out["modular_local_cond"] = {name: given[name][0] for name in self.modular if name in given} or None
        return {NEGATIVE + name: value for name, value in out.items()} if negative else out


def _condition(tensors: Conditions, name: str) -> tuple[Tensor, Tensor | None]:
    if name not in tensors:
        known = ", ".join(sorted(tensors)) or "none"
        raise MissingConditionError(f"The condition {name!r} is missing: this model needs it. Given: {known}")
    return tensors[name]


def _tokens(tensors: Conditions, ids: tuple[str, ...]) -> tuple[Tensor | None, Tensor | None]:
    """Conditions one after the other over time; one vector an item is one token, and no mask counts all tokens."""
    if not ids:
        return None, None
    values, masks = [], []
    for name in ids:
        value, mask = _condition(tensors, name)
        if value.dim() == 2:
            value, mask = value[:, None], None if mask is None else mask.reshape(-1, 1)
        values.append(value)
        masks.append(value.new_ones(value.shape[:2]) if mask is None else mask)
    return torch.cat(values, dim=1), torch.cat(masks, dim=1)


def _vector(tensors: Conditions, ids: tuple[str, ...]) -> Tensor | None:
    """Conditions side by side, one vector an item."""
    if not ids:
        return None
    joined = torch.cat([_condition(tensors, name)[0] for name in ids], dim=-1)
    return joined.squeeze(1) if joined.dim() == 3 else joined


def _frames(tensors: Conditions, ids: tuple[str, ...]) -> Tensor | None:
    """Conditions in step with the latents, as channels."""
    return torch.cat([_condition(tensors, name)[0] for name in ids], dim=1) if ids else None


def emptied(condition: tuple[Tensor, Tensor | None], gone: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """A condition of zeros, whose mask counts no token.

    Args:
        condition: `(B, ...)`, and a mask `(B, N)` or None.
        gone: `(B,)`, true for the items to empty; None for all.
    """
    value, mask = condition
    kept = torch.zeros(len(value), dtype=torch.bool, device=value.device) if gone is None else ~gone.to(value.device)
    return _of_kept(value, kept), None if mask is None else _of_kept(mask, kept)


def _of_kept(tensor: Tensor, kept: Tensor) -> Tensor:
    return torch.where(kept.reshape(-1, *[1] * (tensor.dim() - 1)), tensor, torch.zeros_like(tensor))
