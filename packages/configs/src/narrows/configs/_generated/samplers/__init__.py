# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .flow import FlowSamplerConfig
from .k_diffusion import KDiffusionSamplerConfig
from .v_ddim import VDDIMSamplerConfig

__all__ = [
    "FlowSamplerConfig",
    "KDiffusionSamplerConfig",
    "VDDIMSamplerConfig",
]
