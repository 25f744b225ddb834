# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class LibraryLatentQuantizeOptions(ConfigModel):
    """
    `LatentQuantize` of vector-quantize-pytorch. Latent quantization: each channel takes the nearest of a few values.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['LatentQuantize']
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
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels.
    """
    commitment_loss_weight: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    quantization_loss_weight: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Weight of the term that pulls the input to its values.
    """
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
