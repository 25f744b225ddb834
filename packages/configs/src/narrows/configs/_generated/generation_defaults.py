# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class GenerationDefaults(ConfigModel):
    """
    What weights want to be sampled with, where a request does not say otherwise, e.g. a model distilled to few steps.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    sampler: Literal['euler', 'heun', 'rk4', 'dpmpp', 'pingpong', 'k-heun', 'k-lms', 'k-dpm-2', 'dpmpp-2m', 'k-dpm-adaptive', 'k-dpm-fast', 'k-dpmpp-2s-ancestral', 'dpmpp-2m-sde', 'dpmpp-3m-sde', 'v-ddim', 'v-ddim-cfgpp'] | None = (
        None
    )
    """
    Type of the sampler; null for that of the reference.
    """
    schedule: Literal['karras', 'linear', 'logsnr', 'logsnr_stretched', 'poly_exponential'] | None = (
        None
    )
    """
    Type of the schedule; null for that of the sampler.
    """
    steps: Annotated[int | None, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        None
    )
    """
    Steps of the sampler; null for its own.
    """
    cfg_scale: float | None = None
    """
    Guidance: 1 is none; null for 6 in models with conditions, else 1.
    """
