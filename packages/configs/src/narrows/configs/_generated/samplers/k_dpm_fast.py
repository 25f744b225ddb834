# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class KDPMFastSamplerConfig(ConfigModel):
    """
    DPM-Solver (Lu et al. 2022) with a fixed number of calls of the model, for models that predict v. It ends at `sigma_min`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['k-dpm-fast']
    """
    Selects the sampler.
    """
    steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'calls'})] = 250
    """
    Calls of the model.
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
    Accepted as for the other samplers, without effect: the steps are equal in the logarithm.
    """
