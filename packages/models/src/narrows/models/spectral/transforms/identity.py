"""No transform."""

from __future__ import annotations

from torch import Tensor

from narrows.configs import IdentityTransformConfig
from narrows.models.spectral.transforms import SpectralTransform, build_spectral_transform, flags


class IdentityTransform(SpectralTransform):
    """Returns its input."""

    def compress(self, x: Tensor) -> Tensor:
        """The values."""
        return x

    def expand(self, x: Tensor) -> Tensor:
        """The values."""
        return x


@build_spectral_transform.register
def _(config: IdentityTransformConfig) -> IdentityTransform:
    return IdentityTransform(**flags(config))
