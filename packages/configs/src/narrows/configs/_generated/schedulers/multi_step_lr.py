# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class MultiStepLROptions(ConfigModel):
    """
    Arguments of `MultiStepLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    milestones: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ]
    """
    Steps at which the rate changes.
    """
    gamma: Annotated[float, Field(gt=0.0)] = 0.1
    """
    Factor of the rate.
    """


class MultiStepLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.MultiStepLR. The rate is multiplied at milestones.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['MultiStepLR']
    """
    Selects this type.
    """
    config: MultiStepLROptions
    """
    Arguments.
    """
