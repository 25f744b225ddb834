# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from ._internal import AutoencoderConfig

ModelConfig = TypeAliasType(
    "ModelConfig",
    Annotated[
        AutoencoderConfig, Field(discriminator='model_type', title='ModelConfig')
    ],
)
"""
A model, by `model_type`.
"""
