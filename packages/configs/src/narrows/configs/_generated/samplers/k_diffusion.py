# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import schedule as schedule_1


class KDiffusionSamplerConfig(ConfigModel):
    """
    Samplers of Karras et al. (2022) and DPM-Solver++ (2M), without fresh noise, for models that predict v.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['k-heun', 'k-lms', 'k-dpm-2', 'dpmpp-2m']
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
    schedule: schedule_1.ScheduleConfig | None = None
    """
    Noise levels of the steps; null for those that stable-audio-tools has for this sampler.
    """
