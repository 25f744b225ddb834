# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class KDiffusionSamplerConfig(ConfigModel):
    """
    Samplers of Karras et al. (2022) and of DPM-Solver++ for models that predict v.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['k-heun', 'k-lms', 'k-dpmpp-2s-ancestral', 'k-dpm-2', 'k-dpm-fast', 'k-dpm-adaptive', 'dpmpp-2m', 'dpmpp-2m-sde', 'dpmpp-3m-sde']
    """
    Selects the sampler.
    """
    steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 250
    """
    Steps.
    """
    sigma_min: Annotated[float, Field(gt=0.0)] = 0.01
    """
    Least noise.
    """
    sigma_max: Annotated[float, Field(gt=0.0)] = 100.0
    """
    Most noise.
    """
    rho: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Bend of the schedule.
    """
