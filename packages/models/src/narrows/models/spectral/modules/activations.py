"""Activations of spectral networks by name, real and complex.

Unknown names, arguments that an activation does not have, and real activations on complex values are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.activations import TORCH_ACTIVATIONS
from narrows.models.receptive_field import ReceptiveField, pointwise


class Pointwise(nn.Module):
    """Works on each value alone."""

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class PartsReLU(Pointwise):
    """CReLU: ReLU of the real and of the imaginary part (Trabelsi et al. 2018)."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        return torch.complex(F.relu(x.real), F.relu(x.imag))


class PartsELU(Pointwise):
    """CELU: ELU of the real and of the imaginary part.

    Args:
        alpha: slope below zero.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        return torch.complex(F.elu(x.real, self.alpha), F.elu(x.imag, self.alpha))


class ModReLU(Pointwise):
    """`relu(|x| + b) · x / |x|`: a threshold on the magnitude that leaves the phase alone (Arjovsky et al. 2016).

    Rotating the input rotates the output.

    Args:
        channels: a bias for each of them; None for a single one.
        init_bias: its start.
        enforce_negative: use `-|b|`, so that no magnitude grows.
        eps: added to the magnitude that is divided by.
    """

    # The name is part of the checkpoint format of EulerAudioBackbone.
    def __init__(
        self, channels: int | None, init_bias: float = -0.05, enforce_negative: bool = True, eps: float = 1e-8
    ) -> None:
        super().__init__()
        self.b_free = nn.Parameter(torch.full(() if channels is None else (channels,), init_bias))
        self.enforce_negative = enforce_negative
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        bias = -self.b_free.abs() if self.enforce_negative else self.b_free
        magnitude = x.abs()
        gate: Tensor = F.relu(magnitude + along_channels(bias, x)) / (magnitude + self.eps)
        return gate * x


class ComplexGELU(Pointwise):
    """`x · Φ((|x| - μ) / σ)`: a smooth gate on the magnitude, with a learned centre and width for each channel.

    Args:
        channels: channels.
        init_mu: start of the centre.
        init_log_sigma: start of the width, before a softplus.
        eps: added to the width.
    """

    # The names are part of the checkpoint format of EulerAudioBackbone.
    def __init__(self, channels: int, init_mu: float = 0.0, init_log_sigma: float = 0.0, eps: float = 1e-8) -> None:
        super().__init__()
        self.mu = nn.Parameter(torch.full((channels,), init_mu))
        self.log_sigma = nn.Parameter(torch.full((channels,), init_log_sigma))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        width = along_channels(F.softplus(self.log_sigma) + self.eps, x)
        gate: Tensor = torch.special.ndtr((x.abs() - along_channels(self.mu, x)) / width)
        return gate * x


class MagnitudeSiLU(Pointwise):
    """`x · sigmoid(|x|)`: SiLU of the magnitude (`Abs_SiLU` of EulerAudioBackbone)."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        return x * torch.sigmoid(x.abs())


class Snake(Pointwise):
    """`x + sin²(αx) / α` with a learned α for each channel, of real or complex values (Ziyin et al. 2020).

    Args:
        channels: channels.
    """

    # The shape of α is part of the checkpoint format.
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation."""
        alpha = along_channels(self.alpha.flatten(), x)
        return x + (1 / (alpha + 1e-9)) * torch.sin(alpha * x).square()


def along_channels(values: Tensor, x: Tensor) -> Tensor:
    """A value for each channel, or one for all, in a shape that fits `(B, C, ...)`."""
    return values if values.dim() == 0 else values.view(-1, *(1,) * (x.dim() - 2))


COMPLEX: dict[str, type[nn.Module]] = {
    "CReLU": PartsReLU,
    "CELU": PartsELU,
    "ModReLU": ModReLU,
    "ModReLUScalar": ModReLU,
    "ComplexGELU": ComplexGELU,
    "Abs_SiLU": MagnitudeSiLU,
    "snake": Snake,
    "Identity": nn.Identity,
}
REAL: dict[str, type[nn.Module]] = {**TORCH_ACTIVATIONS, "snake": Snake}
PER_CHANNEL = ("ModReLU", "ComplexGELU", "snake")


def activation(
    name: str, channels: int, is_complex: bool = False, params: Mapping[str, Any] | None = None
) -> nn.Module:
    """An activation.

    Args:
        name: of torch, or `snake`, for real values; a name in `COMPLEX` for complex ones.
        channels: of the values.
        is_complex: whether they are complex.
        params: its arguments; None is the usual value.

    Raises:
        ValueError: the activation is unknown, of the other kind, or has no such argument.
    """
    known = COMPLEX if is_complex else REAL
    if name not in known:
        kind = "complex" if is_complex else "real"
        raise ValueError(f"activation must be one of {', '.join(known)} for {kind} values, got {name!r}")
    given = {key: value for key, value in (params or {}).items() if value is not None}
    if is_complex and name in ("ModReLU", "ModReLUScalar"):
        given["channels"] = channels if name == "ModReLU" else None
    elif name in PER_CHANNEL:
        given["channels"] = channels
    try:
        return known[name](**given)
    except TypeError as error:
        unwanted = ", ".join(sorted(set(given) - {"channels"}))
        raise ValueError(f"The activation {name} does not take {unwanted}: leave it out") from error
