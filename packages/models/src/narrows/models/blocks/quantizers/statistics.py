"""Statistics of a quantizer that stay float32 where its module becomes 16 bit.

Their updates are smaller than the rounding of 16-bit numbers, and would be lost or drift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn


def in_float32(module: nn.Module, names: Sequence[str], convert: Callable[[], object]) -> None:
    """Convert a module, and put its buffers of these names back where they have become 16 bit."""
    kept = {name: module.get_buffer(name) for name in names}
    convert()
    for name, before in kept.items():
        after = module.get_buffer(name)
        if after.dtype in (torch.bfloat16, torch.float16):
            setattr(module, name, before.to(after.device))
