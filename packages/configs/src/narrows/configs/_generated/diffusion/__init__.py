# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import adp_1d, dau1d, dit
from .adp_1d import ADP1dConfig, ADP1dOptions
from .adp_cfg_1d import ADPCFG1dConfig, ADPCFG1dOptions
from .dau1d import DAU1dConfig, DAU1dOptions
from .dit import DiTConfig, DiTOptions

__all__ = [
    "ADP1dConfig",
    "ADP1dOptions",
    "ADPCFG1dConfig",
    "ADPCFG1dOptions",
    "DAU1dConfig",
    "DAU1dOptions",
    "DiTConfig",
    "DiTOptions",
    "DiffusionConfig",
]


DiffusionConfig = TypeAliasType(
    "DiffusionConfig",
    Annotated[
        dit.DiTConfig | adp_1d.ADP1dConfig | dau1d.DAU1dConfig,
        Field(discriminator='type', title='DiffusionConfig'),
    ],
)
"""
Backbone of a diffusion autoencoder, by `type`.
"""
