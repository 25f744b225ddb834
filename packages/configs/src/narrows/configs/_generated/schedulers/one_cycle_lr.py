# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class OneCycleLROptions(ConfigModel):
    """
    Arguments of `OneCycleLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    max_lr: Annotated[float, Field(gt=0.0)]
    """
    Highest rate.
    """
    total_steps: Annotated[int, Field(ge=2, json_schema_extra={'x-unit': 'steps'})]
    """
    Steps of the whole cycle; training may not go beyond.
    """
    pct_start: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3
    """
    Share of the steps that rise.
    """
    anneal_strategy: Literal['cos', 'linear'] = 'cos'
    """
    Shape of the change.
    """
    cycle_momentum: bool = True
    """
    Swing the momentum (or first beta) the other way.
    """
    base_momentum: Annotated[float, Field(ge=0.0, le=1.0)] = 0.85
    """
    Lowest momentum.
    """
    max_momentum: Annotated[float, Field(ge=0.0, le=1.0)] = 0.95
    """
    Highest momentum.
    """
    div_factor: Annotated[float, Field(gt=0.0)] = 25.0
    """
    First rate is `max_lr` divided by this.
    """
    final_div_factor: Annotated[float, Field(gt=0.0)] = 10000.0
    """
    Last rate is the first divided by this.
    """
    three_phase: bool = False
    """
    Fall in two phases.
    """


class OneCycleLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.OneCycleLR. One rise and one long fall (Smith and Topin 2017).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['OneCycleLR']
    """
    Selects this type.
    """
    config: OneCycleLROptions
    """
    Arguments.
    """
