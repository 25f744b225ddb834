# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class LibraryFSQOptions(ConfigModel):
    """
    `FSQ` of vector-quantize-pytorch. Finite scalar quantization: each channel is rounded to levels.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    quantizer: Literal['FSQ']
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
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels.
    """
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    projection_has_bias: bool = True
    """
    Bias of the linear projections.
    """
    preserve_symmetry: bool = False
    """
    Levels symmetric about 0; needed by two levels and by `noise_dropout`.
    """
    noise_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Probability of added noise in training.
    """
    bound_hard_clamp: bool = False
    """
    Clip the input instead of bounding it by a tanh.
    """
    orthogonal_rotation: bool = False
    """
    Rotate the channels by a fixed random rotation before they are quantized.
    """
