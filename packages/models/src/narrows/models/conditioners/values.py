"""Numbers as people and data sets write them."""

from __future__ import annotations

import math
import operator
from typing import Any

import torch


def number_of(value: Any) -> int | float | None:
    """A finite number: of Python, numpy, or a tensor of one element; None for anything else, bool included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, torch.Tensor) or hasattr(value, "__array__"):
        if getattr(value, "size", None) != 1 and not (isinstance(value, torch.Tensor) and value.numel() == 1):
            return None
        value = value.item()
    try:
        return operator.index(value)
    except TypeError:
        return value if isinstance(value, float) and math.isfinite(value) else None


def out_of_range_problem(number: float, low: float, high: float, policy: str) -> str | None:
    """What is wrong with a number outside a range; None inside, and where it is clamped."""
    if policy == "clamp" or low <= number <= high:
        return None
    return f"must be from {low:g} to {high:g}"
