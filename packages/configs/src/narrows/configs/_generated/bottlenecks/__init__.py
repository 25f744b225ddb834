# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .dac_rvq import DACRVQBottleneckConfig, DACRVQBottleneckOptions
from .dac_rvq_vae import DACRVQVAEBottleneckConfig, DACRVQVAEBottleneckOptions
from .dithered_fsq import DitheredFSQBottleneckConfig, DitheredFSQBottleneckOptions
from .fsq import FSQBottleneckConfig, FSQBottleneckOptions
from .grouped_rvq import GroupedRVQBottleneckConfig, GroupedRVQBottleneckOptions
from .identity import IdentityBottleneckConfig, IdentityBottleneckOptions
from .l2_norm import L2BottleneckConfig, L2BottleneckOptions
from .lfq import LFQBottleneckConfig, LFQBottleneckOptions
from .residual_fsq import ResidualFSQBottleneckConfig, ResidualFSQBottleneckOptions
from .rvq import RVQBottleneckConfig, RVQBottleneckOptions
from .rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
from .simvq import SimVQBottleneckConfig, SimVQBottleneckOptions
from .skip import SkipBottleneckConfig, SkipBottleneckOptions
from .softnorm import SoftNormBottleneckConfig, SoftNormBottleneckOptions
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
    "GroupedRVQBottleneckConfig",
    "GroupedRVQBottleneckOptions",
    "IdentityBottleneckConfig",
    "IdentityBottleneckOptions",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "LFQBottleneckConfig",
    "LFQBottleneckOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "ResidualFSQBottleneckConfig",
    "ResidualFSQBottleneckOptions",
    "SimVQBottleneckConfig",
    "SimVQBottleneckOptions",
    "SkipBottleneckConfig",
    "SkipBottleneckOptions",
    "SoftNormBottleneckConfig",
    "SoftNormBottleneckOptions",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
]
