# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import adp_uncond_1d, dau1d, dit
from .adp_uncond_1d import ADPUncond1dConfig
from .dau1d import UnconditionalDAU1dConfig
from .dit import UnconditionalDiTConfig

__all__ = [
    "ADPUncond1dConfig",
    "UnconditionalDAU1dConfig",
    "UnconditionalDiTConfig",
    "UnconditionalDiffusionConfig",
]


UnconditionalDiffusionConfig = TypeAliasType(
    "UnconditionalDiffusionConfig",
    Annotated[
        dit.UnconditionalDiTConfig | adp_uncond_1d.ADPUncond1dConfig | dau1d.UnconditionalDAU1dConfig,
        Field(discriminator='type', title='UnconditionalDiffusionConfig'),
    ],
)
"""
What is below `model` of a `diffusion_uncond` file, by `type`.
"""
