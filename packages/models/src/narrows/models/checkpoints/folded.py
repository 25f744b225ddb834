"""Weight normalisation that a file has multiplied out."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def unfold_weight_norm(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors with direction and length where the model is weight-normalised and the file has the product.

    `weight_v` is the product and `weight_g` its norm over all axes but the first, so that the model computes the same
    up to rounding.
    """
    unfolded = dict(given)
    for name in expected:
        base = name.removesuffix("_g")
        if (
            not name.endswith(".weight_g")
            or base not in given
            or base in expected
            or {name, f"{base}_v"} & given.keys()
        ):
            continue
        weight = unfolded.pop(base)
        norms = weight.float().flatten(1).norm(dim=1).to(weight.dtype)
        unfolded[f"{base}_v"] = weight
        unfolded[name] = norms.reshape(-1, *[1] * (weight.dim() - 1))
    return unfolded
