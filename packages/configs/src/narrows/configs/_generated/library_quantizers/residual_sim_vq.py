# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibraryResidualSimVQOptions(ConfigModel):
    """
    `ResidualSimVQ` of vector-quantize-pytorch. Residual SimVQ.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['ResidualSimVQ']
    """
    Class of vector-quantize-pytorch.
    """
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels.
    """
    num_quantizers: Annotated[int, Field(ge=1)]
    """
    Residual stages; one token a stage and latent frame.
    """
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values a token can take; of the `LFQ` classes a power of 2.
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
