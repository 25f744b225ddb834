"""Weight normalisation that a file has multiplied out."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def unfold_weight_norm(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors with direction and length where the model is weight-normalised and the file has the product.

    `weight_v` is the product and `weight_g` its norm over the axes along which the model has one length, so that the
    model computes the same up to rounding. The direction of a filter that is zero is free: it is all ones, with length
    zero, since the model divides by the norm of the direction.
    """
    unfolded = dict(given)
    for name in expected:
        base = name.removesuffix("_g")
        if not name.endswith(".weight_g") or base not in given or base in expected:
            continue
        if {name, f"{base}_v"} & given.keys():
            continue
        weight = unfolded.pop(base)
        length = expected[name]
        axes = [axis for axis, size in enumerate(length.shape) if size == 1]
        wide = weight if weight.is_complex() else weight.float()
        norm = torch.linalg.vector_norm(wide, dim=axes, keepdim=True)
        unfolded[f"{base}_v"] = torch.where(norm == 0, torch.ones_like(weight), weight)
        unfolded[name] = norm.to(length.dtype)
    return unfolded
