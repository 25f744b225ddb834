# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibraryResidualLFQOptions(ConfigModel):
    """
    `ResidualLFQ` of vector-quantize-pytorch. Residual lookup-free quantization.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['ResidualLFQ']
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
    soft_clamp_input_value: Annotated[float | None, Field(gt=0.0)] = None
    """
    Bound the input softly to this absolute value; null does not.
    """
    entropy_loss_weight: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Weight of the entropy term inside `quantizer_loss`.
    """
    commitment_loss_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    diversity_gamma: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Share of the diversity of the codes in the entropy term.
    """
    frac_per_sample_entropy: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Share of the latent frames used for the entropy term.
    """
    experimental_softplus_entropy_loss: bool = False
    """
    Keep the entropy term positive by a softplus.
    """
    entropy_loss_offset: float = 5.0
    """
    Added to the entropy term before the softplus.
    """
    spherical: bool = False
    """
    Put codes and vectors on a sphere (binary spherical quantization).
    """
    orthogonal_rotation: bool = False
    """
    Rotate the channels by a fixed random rotation before they are quantized.
    """
