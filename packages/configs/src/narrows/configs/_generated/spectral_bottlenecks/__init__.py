# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .identity import IdentityBottleneckConfig, IdentityBottleneckOptions
from .skip import SkipBottleneckConfig, SkipBottleneckOptions
from .vae import SpectralVAEBottleneckConfig, SpectralVAEBottleneckOptions

__all__ = [
    "IdentityBottleneckConfig",
    "IdentityBottleneckOptions",
    "SkipBottleneckConfig",
    "SkipBottleneckOptions",
    "SpectralVAEBottleneckConfig",
    "SpectralVAEBottleneckOptions",
]
