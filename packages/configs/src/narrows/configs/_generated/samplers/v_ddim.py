# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import schedule as schedule_1


class VDDIMSamplerConfig(ConfigModel):
    """
    DDIM (Song et al. 2021) for models that predict v.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['v-ddim', 'v-ddim-cfgpp']
    """
    Selects the sampler; `v-ddim-cfgpp` guides as CFG++ (Chung et al. 2024).
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
    eta: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of fresh noise in each step.
    """
