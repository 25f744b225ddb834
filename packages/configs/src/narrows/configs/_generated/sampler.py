# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .samplers import flow, k_diffusion, v_ddim

SamplerConfig = TypeAliasType(
    "SamplerConfig",
    Annotated[
        k_diffusion.KDiffusionSamplerConfig | v_ddim.VDDIMSamplerConfig | flow.FlowSamplerConfig,
        Field(discriminator='type', title='SamplerConfig'),
    ],
)
"""
Sampler, by `type`.
"""
