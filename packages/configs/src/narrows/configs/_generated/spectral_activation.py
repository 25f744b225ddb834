# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectralActivationOptions(ConfigModel):
    """
    Arguments of an activation; each only where the activation has it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    alpha: Annotated[float | None, Field(gt=0.0)] = None
    """
    Slope of ELU and CELU below zero; null for 1.
    """
    negative_slope: float | None = None
    """
    Of LeakyReLU; null for 0.01.
    """
    init_bias: float | None = None
    """
    Start of the learned threshold of ModReLU; null for -0.05.
    """
    enforce_negative: bool | None = None
    """
    Whether the threshold of ModReLU can only lower magnitudes; null for true.
    """
    init_mu: float | None = None
    """
    Start of the centre of ComplexGELU; null for 0.
    """
    init_log_sigma: float | None = None
    """
    Start of the width of ComplexGELU, before a softplus; null for 0.
    """
