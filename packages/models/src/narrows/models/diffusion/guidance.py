"""Classifier-free guidance (Ho & Salimans 2022): conditions dropped in training, and exaggerated in sampling."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from narrows.models.blocks.draws import coins
from narrows.models.diffusion.networks.dit import Conditions


def dropped(condition: Tensor | None, probability: float, generator: Generator | None = None) -> Tensor | None:
    """Zero the condition of randomly chosen items.

    Args:
        condition: `(B, N, D)`.
        probability: of an item.
        generator: source of the choice.
    """
    if condition is None:
        return None
    chance = torch.full((len(condition), 1, 1), probability, device=condition.device)
    return torch.where(coins(chance, generator), 0, condition)


def twice(given: Conditions, negative: Tensor | None = None, negative_mask: Tensor | None = None) -> Conditions:
    """Conditions of a batch that holds every item twice: as given, and without cross-attention and prepended tokens.

    Args:
        given: conditions.
        negative: cross-attention tokens for the second half in place of zeros: what to stay away from.
        negative_mask: `(B, N)`, false for tokens of `negative` that are zeroed.
    """
    cross, vector, concat, prepend, local = given.tensors()
    if cross is not None:
        if negative is not None and negative_mask is not None:
            negative = torch.where(negative_mask.bool()[:, :, None], negative, 0)
        cross = torch.cat((cross, torch.zeros_like(cross) if negative is None else negative))
    if prepend is not None:
        prepend = torch.cat((prepend, torch.zeros_like(prepend)))
    same = (None if c is None else torch.cat((c, c)) for c in (vector, concat, local))
    vector, concat, local = same
    return Conditions(cross, vector, concat, prepend, local)


def combined(conditional: Tensor, unconditional: Tensor, scale: float, rescale: float = 0.0) -> Tensor:
    """The guided prediction.

    Args:
        conditional: `(B, C, T)`.
        unconditional: `(B, C, T)`.
        scale: 1 is no guidance.
        rescale: how far to bring the spread over channels back to that of `conditional` (Lin et al. 2023); 0 to 1.
    """
    guided = unconditional + (conditional - unconditional) * scale
    if rescale == 0:
        return guided
    fitting = guided * (conditional.std(dim=1, keepdim=True) / guided.std(dim=1, keepdim=True))
    return rescale * fitting + (1 - rescale) * guided


def noise_level(t: Tensor, objective: str) -> Tensor:
    """Share of noise at a time: the sine of v-diffusion's angle, or the time of a flow itself."""
    return torch.sin(t * math.pi / 2) if objective == "v" else t
