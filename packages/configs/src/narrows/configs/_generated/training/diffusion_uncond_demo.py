# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import sampler as sampler_1


class DiffusionUncondDemoConfig(ConfigModel):
    """
    Demos of unconditional diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    demo_every: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        2000
    )
    """
    Write demos every so many steps, and at the end.
    """
    demo_steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 250
    """
    Sampling steps of a demo.
    """
    num_demos: Annotated[int, Field(ge=1)] = 8
    """
    Clips of a demo.
    """
    sampler: sampler_1.SamplerConfig | None = None
    """
    Sampler; null takes the default of the objective.
    """
