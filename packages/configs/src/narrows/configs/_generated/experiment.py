# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .experiments import pre_encode, train

if TYPE_CHECKING:
    ExperimentConfig = TypeAliasType(
        "ExperimentConfig",
        Annotated[
            train.TrainExperimentConfig | pre_encode.PreEncodeExperimentConfig,
            Field(discriminator='experiment', title='ExperimentConfig'),
        ],
    )
else:
    ExperimentConfig = TypeAliasType(
        'ExperimentConfig',
        Annotated[Any, Tagged('experiment', {
            'train': 'experiments.train:TrainExperimentConfig',
            'pre_encode': 'experiments.pre_encode:PreEncodeExperimentConfig',
        })],
    )
"""
An experiment, by `experiment`.
"""
