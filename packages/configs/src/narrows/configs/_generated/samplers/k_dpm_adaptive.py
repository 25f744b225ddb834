# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class KDPMAdaptiveSamplerConfig(ConfigModel):
    """
    DPM-Solver (Lu et al. 2022) that chooses its steps by an estimate of its error, for models that predict v. It ends at `sigma_min`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['k-dpm-adaptive']
    """
    Selects the sampler.
    """
    steps: Annotated[
        int,
        Field(ge=1, json_schema_extra={'x-unit': 'steps', 'x-role': 'compatibility'}),
    ] = 250
    """
    Accepted as for the other samplers, without effect.
    """
    sigma_min: Annotated[float, Field(gt=0.0)] = 0.01
    """
    Least noise.
    """
    sigma_max: Annotated[float, Field(gt=0.0)] = 100.0
    """
    Most noise.
    """
    rho: Annotated[
        float, Field(gt=0.0, json_schema_extra={'x-role': 'compatibility'})
    ] = 1.0
    """
    Accepted as for the other samplers, without effect.
    """
    rtol: Annotated[float, Field(gt=0.0)] = 0.01
    """
    Error of a step, relative to the signal.
    """
    atol: Annotated[float, Field(gt=0.0)] = 0.01
    """
    Error of a step.
    """
    max_steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        10000
    )
    """
    Steps, rejected ones too, after which it gives up.
    """
