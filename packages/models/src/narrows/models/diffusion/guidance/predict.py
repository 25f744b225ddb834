"""One guided prediction: which branches are needed, in as few calls as they fit in, and their combination.

What is exactly zero is not computed: the unconditional branch of a transformer attends to nothing, and items whose
noise level is outside the interval have no second branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from narrows.models.diffusion.adapted import run
from narrows.models.diffusion.backbones.base import Backbone, CallOptions, Info
from narrows.models.diffusion.conditions import Inputs, joinable, joined, taken
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step
from narrows.models.diffusion.guidance.interval import guided_items, noise_level


@dataclass(frozen=True)
class Call:
    """What is predicted."""

    backbone: Backbone
    x: Tensor
    """`(B, C, T)`."""
    t: Tensor
    """`(B,)`."""
    inputs: Inputs
    """Prepared conditions."""
    options: CallOptions


def plain(call: Call) -> tuple[Tensor, Info]:
    """The prediction without guidance."""
    return run(call.backbone, call.x, call.t, call.inputs, call.options)


def guided(
    call: Call, unconditional: Inputs | None, guidance: Guidance, interval: tuple[float, float], batched: bool
) -> tuple[Tensor, Info]:
    """The guided prediction.

    Args:
        call: what is predicted.
        unconditional: prepared conditions of the branch to move away from; None where there is nothing to take away.
        guidance: kind of guidance.
        interval: lowest and highest noise level with guidance; each item is guided by its own.
        batched: one call for all branches that fit in one.

    Returns:
        `(B, C, T)`, and the info of the first call, with the last branch as `uncond_output` `(B, C, T)`.
    """
    branches = guidance.branches(call.backbone, call.inputs, unconditional, call.t)
    level = noise_level(call.t, call.backbone.objective)
    rows = guided_items(interval, level) if branches else None
    if not branches or (rows is not None and len(rows) == 0):
        return plain(call)
    conditional, others, info = _predictions(call, branches, rows, batched)
    valid = call.options.padding_mask
    step = Step(
        x=call.x if rows is None else call.x[rows],
        level=level if rows is None else level[rows],
        objective=call.backbone.objective,
        valid=None if valid is None else valid.bool() if rows is None else valid.bool()[rows],
        rows=rows,
        batch=len(call.x),
    )
    if rows is None:
        info["uncond_output"] = others[-1]
        return guidance.combine(step, conditional, others), info
    out = guidance.combine(step, conditional[rows], others)
    info["uncond_output"] = conditional.index_copy(0, rows, others[-1])
    return conditional.index_copy(0, rows, out), info


def _predictions(
    call: Call, branches: Sequence[Branch], rows: Tensor | None, batched: bool
) -> tuple[Tensor, list[Tensor], Info]:
    """The conditional prediction of all items, and those of the branches of the guided ones."""
    inputs = [taken(branch.inputs, rows) for branch in branches]
    own = [branch.backbone is None for branch in branches]
    if batched and all(own) and joinable([call.inputs, *inputs]):
        return _in_one_call(call, inputs, rows)
    conditional, info = plain(call)
    others = []
    for branch, given in zip(branches, inputs, strict=True):
        some = _part(call, rows, given, branch.backbone or call.backbone)
        others.append(plain(some)[0].to(conditional.dtype))
    return conditional, others, info


def _in_one_call(call: Call, inputs: Sequence[Inputs], rows: Tensor | None) -> tuple[Tensor, list[Tensor], Info]:
    parts = [call, *(_part(call, rows, given, call.backbone) for given in inputs)]
    masks = [part.options.padding_mask for part in parts]
    mask = None if masks[0] is None else torch.cat([mask for mask in masks if mask is not None])
    options = replace(call.options, padding_mask=mask)
    x, t = torch.cat([part.x for part in parts]), torch.cat([part.t for part in parts])
    out, info = run(call.backbone, x, t, joined([part.inputs for part in parts]), options)
    conditional, *others = torch.split(out, [len(part.x) for part in parts])
    return conditional, others, info


def _part(call: Call, rows: Tensor | None, inputs: Inputs, backbone: Backbone) -> Call:
    """The call of a branch, for the guided items."""
    if rows is None:
        return replace(call, inputs=inputs, backbone=backbone)
    mask = call.options.padding_mask
    options = replace(call.options, padding_mask=None if mask is None else mask[rows])
    return Call(backbone, call.x[rows], call.t[rows], inputs, options)
