# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import adp_1d, adp_cfg_1d, dit
from .adp_1d import ConditionalADP1dConfig
from .adp_cfg_1d import ConditionalADPCFG1dConfig
from .dit import ConditionalDiTConfig

__all__ = [
    "ConditionalADP1dConfig",
    "ConditionalADPCFG1dConfig",
    "ConditionalDiTConfig",
    "ConditionalDiffusionConfig",
]


ConditionalDiffusionConfig = TypeAliasType(
    "ConditionalDiffusionConfig",
    Annotated[
        dit.ConditionalDiTConfig | adp_cfg_1d.ConditionalADPCFG1dConfig | adp_1d.ConditionalADP1dConfig,
        Field(discriminator='type', title='ConditionalDiffusionConfig'),
    ],
)
"""
The `diffusion` block of a conditional model, by `type`.
"""
