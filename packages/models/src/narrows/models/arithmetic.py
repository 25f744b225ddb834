"""In which precision a model computes."""

from __future__ import annotations

import torch
from torch import nn


def arithmetic_of(model: nn.Module) -> torch.dtype:
    """The type of a model's parameters; of several the shortest, beside which some layers may be kept in float32.

    Complex parameters count as the real ones of their precision; a model without parameters computes in float32.
    """
    found = {
        parameter.dtype.to_real() for parameter in model.parameters() if parameter.dtype.to_real().is_floating_point
    }
    return min(found, key=lambda dtype: dtype.itemsize, default=torch.float32)
