"""Items of different lengths in networks whose norms and convolutions see all frames.

Such a network cannot be told where an item ends, so items of one length are run together, cut to that length: what is
behind an item then cannot change it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from narrows.models.diffusion.conditions import CONDITION, Inputs, taken

Run = Callable[[Tensor, Tensor, Inputs], Tensor]


def by_length(run: Run, x: Tensor, t: Tensor, inputs: Inputs, valid: Tensor, multiple: int) -> Tensor:
    """Run items of one length together.

    Args:
        run: a network, of `(b, C, T)`, `(b,)` and conditions.
        x: `(B, C, T)`.
        t: `(B,)`.
        inputs: conditions; those joined to the input have T frames.
        valid: `(B, T)`, false for padding, which stands behind an item.
        multiple: frames are a multiple of it; an item whose length is not is filled up with zeros.

    Returns:
        `(B, C, T)`, zeros where there is padding.

    Raises:
        ValueError: padding stands in front of an item or inside.
    """
    lengths = valid.sum(dim=1)
    if not torch.equal(valid, torch.arange(valid.shape[1], device=valid.device) < lengths[:, None]):
        raise ValueError("padding_mask must be true up to an item's length and false behind it, for this backbone")
    x = x * valid[:, None]
    out = torch.zeros_like(x)
    for length in sorted({int(length) for length in lengths}):
        rows = (lengths == length).nonzero()[:, 0]
        frames = -(-length // multiple) * multiple
        if frames:
            out[rows, :, :frames] = run(x[rows, :, :frames], t[rows], _cut(taken(inputs, rows), frames))
    return out * valid[:, None]


def _cut(inputs: Inputs, frames: int) -> Inputs:
    name = CONDITION["concat"]
    return {**inputs, name: inputs[name][..., :frames]} if name in inputs else inputs
