"""What guidance moves away from: nothing, or conditions that are not wanted."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import CONDITION, MASK, Inputs, Place


def unconditional(
    backbone: Backbone, inputs: Inputs, negative: Inputs, t: Tensor, places: Sequence[Place]
) -> Inputs | None:
    """The conditions of the second prediction; None where there is nothing to take away.

    Args:
        backbone: of the model.
        inputs: prepared conditions.
        negative: conditions to stay away from, by the names of `inputs`; heard in `places` where `inputs` has some.
        t: `(B,)`.
        places: where guidance takes conditions away.
    """
    taken = [place for place in places if CONDITION[place] in inputs]
    if not taken:
        return None
    out = dict(backbone.null(inputs, taken))
    ready = backbone.prepared(negative, t) if negative else {}
    for place in taken:
        if CONDITION[place] in ready:
            _put(out, place, ready, negative.get(MASK.get(place, "")), backbone)
    return out


def _put(out: Inputs, place: Place, ready: Inputs, counts: Tensor | None, backbone: Backbone) -> None:
    """Put a negative condition in its place; tokens that its mask leaves out become those for nothing."""
    name, mask = CONDITION[place], MASK.get(place, "")
    value = ready[name]
    if counts is not None:
        counts = F.pad(counts.bool(), (0, value.shape[1] - counts.shape[1]), value=True)
        value = torch.where(counts[:, :, None], value, backbone.replacement({name: value}, place))
    out[name] = value
    if backbone.mask_conditions and mask in ready:
        out[mask] = ready[mask]
    elif mask in out and out[mask].shape != value.shape[:2]:
        out.pop(mask)  # that of the positive condition, which the reference applies to both, does not fit
