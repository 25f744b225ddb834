# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class CyclicLROptions(ConfigModel):
    """
    Arguments of `CyclicLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    base_lr: Annotated[float, Field(gt=0.0)]
    """
    Lowest rate.
    """
    max_lr: Annotated[float, Field(gt=0.0)]
    """
    Highest rate.
    """
    step_size_up: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        2000
    )
    """
    Steps of the rising half.
    """
    step_size_down: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'steps'})
    ] = None
    """
    Steps of the falling half; null takes `step_size_up`.
    """
    mode: Literal['triangular', 'triangular2', 'exp_range'] = 'triangular'
    """
    How the amplitude changes from cycle to cycle.
    """
    gamma: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Decay of the amplitude in `exp_range`.
    """
    scale_mode: Literal['cycle', 'iterations'] = 'cycle'
    """
    Whether `gamma` acts by cycle or by step.
    """
    cycle_momentum: bool = True
    """
    Swing the momentum (or first beta) the other way.
    """
    base_momentum: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8
    """
    Lowest momentum.
    """
    max_momentum: Annotated[float, Field(ge=0.0, le=1.0)] = 0.9
    """
    Highest momentum.
    """


class CyclicLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.CyclicLR. Swings between two rates.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['CyclicLR']
    """
    Selects this type.
    """
    config: CyclicLROptions
    """
    Arguments.
    """
