"""Training in 16 bit on a CPU, with kernels that were compared with float32."""

from __future__ import annotations

from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn

from narrows.models.inference.precision import keep_exact

DTYPES = {"bf16": torch.bfloat16, "16": torch.float16}


def keep_exact_layers(fabric: Fabric, training: Any) -> int:
    """Let the layers whose 16-bit kernels are wrong on this processor train in float32; one warning says which.

    To be called before anything is copied or cast; on other devices, and in 32 bit, it does nothing.

    Args:
        fabric: says device and precision.
        training: its modules are searched: model, losses, discriminator.

    Returns:
        How many layers became float32.
    """
    dtype = DTYPES.get(fabric.strategy.precision.precision.split("-")[0], torch.float32)
    base = getattr(getattr(training, "adapter", None), "dtype", None)
    dtype = dtype if base is None else base
    if fabric.device.type != "cpu":
        return 0
    adversary = getattr(training, "adversary", None)
    found = vars(training) | ({} if adversary is None else {"discriminator": adversary.module})
    models = {name: value for name, value in found.items() if isinstance(value, nn.Module)}
    return keep_exact(models, dtype, gradients=True)
