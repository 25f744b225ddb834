# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import schedule as schedule_1


class FlowSamplerConfig(ConfigModel):
    """
    Solvers for models that predict the flow, or a clean latent.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['euler', 'heun', 'rk4', 'dpmpp', 'pingpong']
    """
    Selects the sampler.
    """
    steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 250
    """
    Steps.
    """
    sigma_max: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """
    Where to start: 1 is pure noise.
    """
    schedule: schedule_1.ScheduleConfig | None = None
    """
    Noise levels of the steps; null for those that stable-audio-tools has for this sampler.
    """
