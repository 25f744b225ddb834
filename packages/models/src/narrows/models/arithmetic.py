"""In which precision a model computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import nn

SHORTEST_FIRST = (torch.bfloat16, torch.float16, torch.float32, torch.float64)
PARTS = {torch.complex32: torch.float16, torch.complex64: torch.float32, torch.complex128: torch.float64}
"""The type of the real and imaginary parts of complex numbers."""


class HasParameters(Protocol):
    """A module, or what stands for one."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """The trained tensors."""
        ...


def arithmetic_of(model: HasParameters) -> torch.dtype:
    """The type of a model's parameters; of several the shortest, beside which some layers may be kept in float32.

    Complex parameters count as the real ones of their precision; a model without parameters computes in float32.
    """
    found = {PARTS.get(parameter.dtype, parameter.dtype) for parameter in model.parameters()}
    return next((dtype for dtype in SHORTEST_FIRST if dtype in found), torch.float32)
