# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import metadata, number


class LMDemoConfig(ConfigModel):
    """
    Demos of a language model.
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
    num_demos: Annotated[int, Field(ge=1)] = 8
    """
    Clips of a demo.
    """
    demo_cfg_scales: Annotated[list[number.Number], Field(min_length=1)] = [1]
    """
    Guidance of the demos: one set of clips for each.
    """
    demo_cond: list[metadata.Metadata] | None = None
    """
    Conditions, one object a clip; null for those of the first validation clips.
    """
    max_gen_len: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'frames'})] = (
        256
    )
    """
    Frames of a clip.
    """
    top_k: Annotated[int, Field(ge=0)] = 250
    """
    Draw from so many most likely tokens; 0 for all.
    """
    top_p: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Draw from the most likely tokens with this share together; 0 for all.
    """
    temp: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Temperature; 0 takes the most likely token.
    """
