# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class KarrasScheduleConfig(ConfigModel):
    """
    A power of the ratio of noise to signal, and a last step to the signal (Karras et al. 2022).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['karras']
    """
    Selects this type.
    """
    sigma_min: Annotated[float, Field(gt=0.0)] = 0.01
    """
    Least ratio of noise to signal before the last step.
    """
    sigma_max: Annotated[float, Field(gt=0.0)] = 100.0
    """
    Greatest ratio; greater than `sigma_min`. A lower start of the sampler wins.
    """
    rho: Annotated[float, Field(gt=0.0)] = 7.0
    """
    Power: the greater, the more steps at little noise.
    """
