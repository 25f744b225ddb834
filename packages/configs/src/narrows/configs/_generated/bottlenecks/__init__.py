# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .dac_rvq import DACRVQBottleneckConfig, DACRVQBottleneckOptions
from .dac_rvq_vae import DACRVQVAEBottleneckConfig, DACRVQVAEBottleneckOptions
from .dithered_fsq import DitheredFSQBottleneckConfig, DitheredFSQBottleneckOptions
from .fsq import FSQBottleneckConfig, FSQBottleneckOptions
from .l2_norm import L2BottleneckConfig, L2BottleneckOptions
from .rvq import RVQBottleneckConfig, RVQBottleneckOptions
from .rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
from .tanh import TanhBottleneckConfig, TanhBottleneckOptions
from .vae import VAEBottleneckConfig, VAEBottleneckOptions
from .wasserstein import WassersteinBottleneckConfig, WassersteinBottleneckOptions

__all__ = [
    "DACRVQBottleneckConfig",
    "DACRVQBottleneckOptions",
    "DACRVQVAEBottleneckConfig",
    "DACRVQVAEBottleneckOptions",
    "DitheredFSQBottleneckConfig",
    "DitheredFSQBottleneckOptions",
    "FSQBottleneckConfig",
    "FSQBottleneckOptions",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
]
