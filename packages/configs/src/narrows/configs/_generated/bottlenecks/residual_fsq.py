# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class ResidualFSQBottleneckOptions(ConfigModel):
    """
    Options of `residual_fsq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    levels: Annotated[
        list[level.Level],
        Field(json_schema_extra={'x-role': 'codebook-channels'}, min_length=1),
    ]
    """
    Levels of each quantized channel, in every stage; their product is the codebook size.
    """
    num_quantizers: Annotated[int, Field(ge=1)]
    """
    Residual stages; one token a stage and latent frame.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels; null means `len(levels)`, any other value adds linear projections.
    """
    bound_hard_clamp: bool = True
    """
    Bound the input once, softly, and clip inside the stages; false bounds it by a tanh in every stage.
    """
    soft_clamp_input_value: Annotated[float | None, Field(gt=0.0)] = None
    """
    Bound the input softly to this absolute value where `bound_hard_clamp` is false; null does not.
    """
    quantize_dropout: bool = False
    """
    Train with a random number of stages, so that fewer tokens decode too.
    """
    quantize_dropout_cutoff_index: Annotated[int, Field(ge=0)] = 0
    """
    First stage that may be dropped, counted from 0; below `num_quantizers`.
    """
    quantize_dropout_multiple_of: Annotated[int, Field(ge=1)] = 1
    """
    The number of stages kept is rounded up to a multiple of this.
    """


class ResidualFSQBottleneckConfig(ConfigModel):
    """
    Residual finite scalar quantization: each stage rounds on a finer scale. Reports `quantizer_indices`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['residual_fsq']
    """
    Selects this type.
    """
    config: ResidualFSQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
