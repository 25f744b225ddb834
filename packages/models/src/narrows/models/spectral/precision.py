"""The precision of modules with complex weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def set_precision(module: nn.Module, dtype: torch.dtype) -> None:
    """Change the precision of a module in place; complex weights get the complex type of that precision.

    Args:
        module: with real and complex weights. The `to` of torch would drop their imaginary parts.
        dtype: float32 or float64.

    Raises:
        ValueError: another precision, in which there is neither a Fourier transform nor a complex type.
    """
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"Autoencoders on spectrograms run in float32 or float64, not {dtype}: leave it float32")

    def convert(tensor: Tensor) -> Tensor:
        if tensor.is_complex():
            return tensor.to(dtype.to_complex())
        return tensor.to(dtype) if tensor.is_floating_point() else tensor

    module._apply(convert)  # type: ignore[no-untyped-call]
