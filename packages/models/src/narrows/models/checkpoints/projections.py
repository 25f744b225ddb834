"""Query, key and value projections that other programs keep apart, or together, where ours do not."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

JOINED = {".to_qkv.weight": ("q", "k", "v"), ".to_kv.weight": ("k", "v")}
"""Name of our projection, and the endings of those that it is made of, below a name that a layout gives them."""
PACKED = ".packed.weight"
"""What a layout calls queries, keys and values in one tensor."""


def adapt_projections(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors with all projections in our form.

    A layout of a program that keeps them apart names them `<layer>.q.weight`, `<layer>.k.weight` and
    `<layer>.v.weight`; one of a program that has one tensor for cross-attention too, `<layer>.packed.weight`.
    """
    adapted = dict(given)
    for name in [name for name in given if name.endswith(PACKED)]:
        layer, tensors = name.removesuffix(PACKED), adapted.pop(name).chunk(3)
        adapted |= {f"{layer}.{part}.weight": tensor for part, tensor in zip("qkv", tensors, strict=True)}
    for name in expected:
        for ending, parts in JOINED.items():
            sources = [f"{name.removesuffix(ending)}.{part}.weight" for part in parts]
            if name.endswith(ending) and name not in adapted and all(source in adapted for source in sources):
                adapted[name] = torch.cat([adapted.pop(source) for source in sources])
        query = f"{name.removesuffix('.to_q.weight')}.q.weight"
        if name.endswith(".to_q.weight") and name not in adapted and query in adapted:
            adapted[name] = adapted.pop(query)
    return adapted
