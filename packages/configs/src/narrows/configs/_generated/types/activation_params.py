# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ActivationParams(ConfigModel):
    """
    Arguments of an activation; null leaves the default of torch. Each belongs to the activations its description names.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    alpha: Annotated[float | None, Field(gt=0.0)] = None
    """
    Scale of the negative part. `ELU`, `CELU`.
    """
    negative_slope: float | None = None
    """
    Slope of the negative part. `LeakyReLU`.
    """
    approximate: Literal['none', 'tanh'] | None = None
    """
    Formula. `GELU`.
    """
    min_val: float | None = None
    """
    Lower bound. `Hardtanh`.
    """
    max_val: float | None = None
    """
    Upper bound. `Hardtanh`.
    """
    lambd: Annotated[float | None, Field(ge=0.0)] = None
    """
    Half of the width that becomes zero. `Hardshrink`, `Softshrink`.
    """
    beta: Annotated[float | None, Field(gt=0.0)] = None
    """
    Sharpness. `Softplus`.
    """
    threshold: float | None = None
    """
    Above this the function is linear. `Softplus`.
    """
    init: float | None = None
    """
    First value of the learned slope. `PReLU`.
    """
