# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level
from ..types import levels as levels_1


class DitheredFSQBottleneckOptions(ConfigModel):
    """
    Options of `dithered_fsq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'codebook-channels'})]
    """
    Channels of one codebook; the latent has `dim * num_codebooks`.
    """
    levels: level.Level | levels_1.Levels
    """
    Levels: one number for all channels, or one a channel.
    """
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    dither_inference: Annotated[
        bool, Field(json_schema_extra={'x-role': 'compatibility'})
    ] = True
    """
    Accepted for compatibility with older files; the reference stores it and always rounds. Write `dither_at_inference`.
    """
    noise_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """
    Probability, in training, of leaving out the rounding of an item, and of leaving out its dither.
    """
    dither_at_inference: bool = False
    """
    Replace rounding by dither outside training too.
    """


class DitheredFSQBottleneckConfig(ConfigModel):
    """
    Finite scalar quantization trained with uniform noise in place of rounding. Reports `quantizer_indices`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['dithered_fsq']
    """
    Selects this type.
    """
    config: DitheredFSQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
