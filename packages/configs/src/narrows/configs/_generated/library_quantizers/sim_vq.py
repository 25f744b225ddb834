# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibrarySimVQOptions(ConfigModel):
    """
    `SimVQ` of vector-quantize-pytorch. Vector quantization by a linear map of a frozen random codebook.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['SimVQ']
    """
    Class of vector-quantize-pytorch.
    """
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels.
    """
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values a token can take; of the `LFQ` classes a power of 2.
    """
    rotation_trick: bool = True
    """
    Pass gradients by rotating and scaling; null leaves it to the library.
    """
    input_to_quantize_commit_loss_weight: Annotated[float, Field(ge=0.0)] = 0.25
    """
    Weight of the pull on the encoder against the codebook's.
    """
    commitment_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    frozen_codebook_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of the frozen codebook; null is that of the latents.
    """
