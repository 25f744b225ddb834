# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .experiments import train

ExperimentConfig = TypeAliasType(
    "ExperimentConfig",
    Annotated[
        train.TrainExperimentConfig,
        Field(discriminator='experiment', title='ExperimentConfig'),
    ],
)
"""
An experiment, by `experiment`.
"""
