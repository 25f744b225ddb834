# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import sampler as sampler_1
from ..types import metadata, number


class CondDisplayOptions(ConfigModel):
    """
    How a condition is shown.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    pre_encoded: bool = False
    """
    It holds latents, which are decoded first.
    """
    display_mix: bool = False
    """
    Show the sum of several as well.
    """


class CondDisplayConfig(ConfigModel):
    """
    A condition that is shown beside the demos.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: Annotated[str, Field(min_length=1)]
    """
    Conditioner: a key of `demo_cond`.
    """
    type: Literal['audio', 'audio_dict']
    """
    Audio, or several of them by name.
    """
    config: Annotated[CondDisplayOptions, Field(default_factory=lambda: CondDisplayOptions())]
    """
    How it is shown.
    """


class DiffusionCondDemoConfig(ConfigModel):
    """
    Demos of conditional diffusion.
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
    demo_cfg_scales: Annotated[list[number.Number], Field(min_length=1)] = [6.0]
    """
    Guidance of the demos: one set of clips for each.
    """
    demo_cond: list[metadata.Metadata] | None = None
    """
    Conditions, one object a clip; null takes those of a batch.
    """
    demo_cond_from_batch: bool = False
    """
    Take the conditions of a batch.
    """
    display_audio_cond: bool = False
    """
    Show the audio that conditions a clip.
    """
    cond_display_configs: list[CondDisplayConfig] | None = None
    """
    Conditions shown beside the clips.
    """
    sampler: sampler_1.SamplerConfig | None = None
    """
    Sampler; null takes the default of the objective.
    """
