# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .bottlenecks import (
    dac_rvq,
    dac_rvq_vae,
    dithered_fsq,
    fsq,
    grouped_rvq,
    identity,
    l2_norm,
    lfq,
    residual_fsq,
    rvq,
    rvq_vae,
    simvq,
    skip,
    softnorm,
    tanh,
    vae,
    wasserstein,
)

BottleneckConfig = TypeAliasType(
    "BottleneckConfig",
    Annotated[
        tanh.TanhBottleneckConfig | vae.VAEBottleneckConfig | rvq.RVQBottleneckConfig | dac_rvq.DACRVQBottleneckConfig | rvq_vae.RVQVAEBottleneckConfig | dac_rvq_vae.DACRVQVAEBottleneckConfig | l2_norm.L2BottleneckConfig | wasserstein.WassersteinBottleneckConfig | fsq.FSQBottleneckConfig | dithered_fsq.DitheredFSQBottleneckConfig | softnorm.SoftNormBottleneckConfig | identity.IdentityBottleneckConfig | skip.SkipBottleneckConfig | grouped_rvq.GroupedRVQBottleneckConfig | lfq.LFQBottleneckConfig | simvq.SimVQBottleneckConfig | residual_fsq.ResidualFSQBottleneckConfig,
        Field(discriminator='type', title='BottleneckConfig'),
    ],
)
"""
The narrow passage between encoder and decoder, by `type`.
"""
