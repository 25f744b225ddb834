"""What a backbone is told, by the reference's names, and how such inputs are split, joined and cut.

Letters: B batch, D width, N tokens, L latent frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

Place = Literal["cross", "prepend", "global", "concat", "local", "modular"]
Inputs = dict[str, Any]
"""Tensors by the reference's names; `modular_local_cond` is a dictionary of tensors."""

CONDITION: dict[Place, str] = {
    "cross": "cross_attn_cond",
    "prepend": "prepend_cond",
    "global": "global_cond",
    "concat": "input_concat_cond",
    "local": "local_add_cond",
    "modular": "modular_local_cond",
}
"""The name of each place where conditions enter."""
MASK: dict[Place, str] = {"cross": "cross_attn_mask", "prepend": "prepend_cond_mask"}
"""`(B, N)`: which tokens of a place count."""
NEGATIVE = "negative_"
NEGATIVE_MASK: dict[Place, str] = {"cross": "negative_cross_attn_mask", "prepend": "negative_prepend_cond_mask"}
NAMES = frozenset((*CONDITION.values(), *MASK.values()))
NEGATIVE_NAMES = frozenset(NEGATIVE + name for name in NAMES)


def split(inputs: Mapping[str, Any]) -> tuple[Inputs, Inputs]:
    """What is given, and what to guide away from under the same names; what is None is left out.

    Raises:
        ValueError: a name that no backbone knows.
    """
    given: Inputs = {}
    negative: Inputs = {}
    for name, value in inputs.items():
        if name not in NAMES | NEGATIVE_NAMES:
            known = ", ".join(sorted(NAMES))
            raise ValueError(f"inputs has the unknown entry {name!r}; known: {known}, each also with {NEGATIVE!r}")
        if value is not None:
            target = negative if name.startswith(NEGATIVE) else given
            target[name.removeprefix(NEGATIVE)] = value
    return given, negative


def mapped(inputs: Inputs, function: Callable[[Tensor], Tensor]) -> Inputs:
    """Every tensor replaced by that of a function."""
    return {
        name: {key: function(tensor) for key, tensor in value.items()} if isinstance(value, dict) else function(value)
        for name, value in inputs.items()
    }


def cast(inputs: Inputs, dtype: torch.dtype) -> Inputs:
    """Conditions in the precision of the weights; masks as they are."""
    return {
        name: value if name in MASK.values() else mapped({name: value}, lambda tensor: tensor.to(dtype))[name]
        for name, value in inputs.items()
    }


def taken(inputs: Inputs, rows: Tensor | None) -> Inputs:
    """The inputs of some items; None for all."""
    return inputs if rows is None else mapped(inputs, lambda tensor: tensor[rows])


def joinable(branches: Sequence[Inputs]) -> bool:
    """Whether inputs can stand in one batch: the same names and shapes, but that the last ones may lack a context."""

    def shapes(branch: Inputs) -> dict[str, Any]:
        flat = mapped(branch, lambda tensor: tensor)
        return {
            name: {key: tensor.shape[1:] for key, tensor in value.items()}
            if isinstance(value, dict)
            else value.shape[1:]
            for name, value in flat.items()
        }

    first = shapes(branches[0])
    context = {CONDITION["cross"], MASK["cross"]}
    told = True
    for branch in map(shapes, branches[1:]):
        if branch != first:
            if branch != {name: shape for name, shape in first.items() if name not in context}:
                return False
            told = False
        elif not told and context & branch.keys():
            return False
    return True


def joined(branches: Sequence[Inputs]) -> Inputs:
    """Inputs of several batches as those of one; see `joinable`."""
    out: Inputs = {}
    for name, value in branches[0].items():
        having = [branch[name] for branch in branches if name in branch]
        if isinstance(value, dict):
            out[name] = {key: torch.cat([branch[key] for branch in having]) for key in value}
        else:
            out[name] = torch.cat(having)
    return out
