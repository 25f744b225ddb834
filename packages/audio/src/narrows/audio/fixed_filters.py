"""Filters that are designed, not learned: filter banks, low-passes, weightings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def convolve_fixed(convolve: Callable[..., Tensor], x: Tensor, taps: Tensor, **options: Any) -> Tensor:
    """`convolve(x, taps, **options)`, on a CPU in float32 where 16 bit is asked for, by type or by autocast.

    Taps rounded to 16 bit are another filter, and these few multiplications are not worth the 16-bit kernels of oneDNN,
    torch's library for CPUs, which are generated for each shape and not right on every processor.

    Args:
        convolve: `torch.nn.functional.conv1d` or alike.
        x: the signal.
        taps: the filter.
        options: of the convolution.

    Returns:
        The output, of the type of `x`.
    """
    is_short = x.dtype in (torch.float16, torch.bfloat16) or torch.is_autocast_enabled("cpu")
    if x.device.type != "cpu" or not is_short or x.dtype == torch.float64:
        return convolve(x, taps, **options)
    with torch.autocast("cpu", enabled=False):
        return convolve(x.float(), taps.float(), **options).to(x.dtype)
