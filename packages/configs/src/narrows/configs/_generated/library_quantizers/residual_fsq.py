# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class LibraryResidualFSQOptions(ConfigModel):
    """
    `ResidualFSQ` of vector-quantize-pytorch. Residual finite scalar quantization.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    quantizer: Literal['ResidualFSQ']
    """
    Class of vector-quantize-pytorch.
    """
    levels: Annotated[
        list[level.Level],
        Field(json_schema_extra={'x-role': 'codebook-channels'}, min_length=1),
    ]
    """
    Levels of each quantized channel; their product is the codebook size.
    """
    num_quantizers: Annotated[int, Field(ge=1)]
    """
    Residual stages; one token a stage and latent frame.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels.
    """
    quantize_dropout: bool = False
    """
    Train with a random number of stages, so that fewer tokens decode too.
    """
    quantize_dropout_cutoff_index: Annotated[int, Field(ge=0)] = 0
    """
    First stage that may be dropped, counted from 0.
    """
    quantize_dropout_multiple_of: Annotated[int, Field(ge=1)] = 1
    """
    The number of stages kept is rounded up to a multiple of this.
    """
    soft_clamp_input_value: Annotated[float | None, Field(gt=0.0)] = None
    """
    Bound the input softly to this absolute value; null does not.
    """
    bound_hard_clamp: bool = True
    """
    Clip the input instead of bounding it by a tanh.
    """
    noise_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Probability of added noise in training.
    """
    orthogonal_rotation: bool = False
    """
    Rotate the channels by a fixed random rotation before they are quantized.
    """
