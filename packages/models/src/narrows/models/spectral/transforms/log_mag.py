"""The logarithm of magnitudes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from narrows.configs import LogMagnitudeTransformConfig
from narrows.models._options import options
from narrows.models.spectral.transforms import SpectralTransform, build_spectral_transform, flags, rescaled


class LogMagnitudeTransform(SpectralTransform):
    """`log(1 + alpha |x|)` with the phase of `x`.

    Args:
        alpha: factor; larger brings quiet values up.
        eps: least magnitude that is divided by.
        common: as for `SpectralTransform`.
    """

    def __init__(self, alpha: float = 1.0, eps: float = 1e-8, **common: Any) -> None:
        super().__init__(**common)
        self.alpha = alpha
        self.eps = eps

    def compress(self, x: Tensor) -> Tensor:
        """The logarithm."""
        magnitude = x.abs()
        return rescaled(x, magnitude, torch.log1p(self.alpha * magnitude), self.eps)

    def expand(self, x: Tensor) -> Tensor:
        """Its inverse."""
        magnitude = x.abs()
        return rescaled(x, magnitude, torch.expm1(magnitude) / self.alpha, self.eps)


@build_spectral_transform.register
def _(config: LogMagnitudeTransformConfig) -> LogMagnitudeTransform:
    return LogMagnitudeTransform(**options(config), **flags(config))
