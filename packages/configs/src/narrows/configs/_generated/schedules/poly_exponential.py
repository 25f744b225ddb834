# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PolyExponentialScheduleConfig(ConfigModel):
    """
    A polynomial in the logarithm of the ratio of noise to signal, and a last step to the signal (k-diffusion).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['poly_exponential']
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
    rho: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Degree of the polynomial.
    """
