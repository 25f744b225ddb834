"""Weight-normalised convolutions.

The new parametrization API is used in modules, because such modules can be deep-copied; state dicts keep the old
spelling (`weight_g`, `weight_v`), which `narrows.models.checkpoints.names` maps in both directions.
"""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.utils.parametrizations import weight_norm


def weight_norm_conv1d(*args: Any, **kwargs: Any) -> nn.Conv1d:
    """`nn.Conv1d` with weight normalisation (Salimans & Kingma 2016)."""
    return weight_norm(nn.Conv1d(*args, **kwargs))  # type: ignore[no-any-return]


def weight_norm_conv_transpose1d(*args: Any, **kwargs: Any) -> nn.ConvTranspose1d:
    """`nn.ConvTranspose1d` with weight normalisation; the norm is over all axes but the first, the input channels."""
    return weight_norm(nn.ConvTranspose1d(*args, **kwargs))  # type: ignore[no-any-return]
