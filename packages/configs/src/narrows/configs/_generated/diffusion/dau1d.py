# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class DAU1dOptions(ConfigModel):
    """
    Options of `DAU1d`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    io_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'diffused-channels'})
    ] = 2
    """
    Channels that are diffused.
    """
    depth: Annotated[int, Field(ge=1)] = 14
    """
    Levels.
    """
    n_attn_layers: Annotated[int, Field(ge=0)] = 6
    """
    Innermost levels with attention.
    """
    channels: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512]
    """
    Width of each level, at least `depth` of them; attention needs 32.
    """
    cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'concat-width'})
    ] = 0
    """
    Channels of the condition joined to the input; 0 for none.
    """
    cond_noise_aug: bool = False
    """
    Noise the condition.
    """
    kernel_size: Annotated[int, Field(ge=1)] = 5
    """
    Kernel of the convolutions; odd.
    """
    learned_resample: bool = False
    """
    Learned resampling; needed for strides above 2.
    """
    strides: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ] = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    """
    Downsampling between levels, at least `depth` - 1 of them.
    """
    conv_bias: bool = True
    """
    Biases of the convolutions.
    """
    use_snake: bool = False
    """
    Snake activations.
    """


class DAU1dConfig(ConfigModel):
    """
    U-Net of Dance Diffusion (Zach Evans, 2022).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['DAU1d']
    """
    Selects this type.
    """
    config: Annotated[DAU1dOptions, Field(default_factory=lambda: DAU1dOptions())]
    """
    Options of this type.
    """
