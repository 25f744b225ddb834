"""A backbone with adapters that act at some noise levels only, each item by its own level.

Letters: B batch, C channels that are diffused, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, taken
from narrows.models.diffusion.process import process_of

if TYPE_CHECKING:
    from narrows.models.adapters.layer import LayerAdapter

TimedAdapter = tuple[tuple[float, float], "tuple[LayerAdapter, ...]"]
"""Lowest and highest noise level, and the adapters of layers that act between them."""


def run(backbone: Any, x: Tensor, t: Tensor, inputs: Inputs, options: Any) -> tuple[Tensor, dict[str, Any]]:
    """`Backbone.run`, with the adapters that act at the noise levels of the items.

    Items at whose levels other adapters act are computed in a call of their own.
    """
    timed: Sequence[TimedAdapter] = backbone.timed_adapters
    if not timed:
        return backbone.run(x, t, inputs, options)  # type: ignore[no-any-return]
    level = process_of(backbone.objective).noise(t.float())
    acting = torch.stack([(level >= low) & (level <= high) for (low, high), _ in timed], dim=1).cpu()
    patterns, which = torch.unique(acting, dim=0, return_inverse=True)
    try:
        outs = []
        for number, pattern in enumerate(patterns.tolist()):
            for active, (_, adapters) in zip(pattern, timed, strict=True):
                for adapter in adapters:
                    adapter.active = active
            if len(patterns) == 1:
                return backbone.run(x, t, inputs, options)  # type: ignore[no-any-return]
            rows = (which == number).nonzero()[:, 0].to(x.device)
            mask = options.padding_mask
            own = replace(options, padding_mask=None if mask is None else mask[rows])
            outs.append((rows, *backbone.run(x[rows], t[rows], _taken(inputs, rows), own)))
    finally:
        for _, adapters in timed:
            for adapter in adapters:
                adapter.active = True
    order = torch.cat([rows for rows, _, _ in outs]).argsort()
    return torch.cat([out for _, out, _ in outs])[order], _joined([info for _, _, info in outs], order)


def _taken(inputs: Inputs, rows: Tensor) -> Inputs:
    """The inputs of some items, in their order; a context that only the first items of the batch have stays that."""
    context = {name: value for name, value in inputs.items() if name in (CONDITION["cross"], MASK["cross"])}
    told = {name: value[rows[rows < len(value)]] for name, value in context.items()}
    rest = {name: value for name, value in inputs.items() if name not in context}
    return taken(rest, rows) | {name: value for name, value in told.items() if len(value)}


def _joined(infos: list[Any], order: Tensor) -> Any:
    """What the calls tell beside, of all items."""
    first = infos[0]
    if isinstance(first, Tensor):
        return torch.cat(infos)[order]
    if isinstance(first, dict):
        return {name: _joined([info[name] for info in infos], order) for name in first}
    if isinstance(first, list | tuple):
        return [_joined(list(values), order) for values in zip(*infos, strict=True)]
    return first
