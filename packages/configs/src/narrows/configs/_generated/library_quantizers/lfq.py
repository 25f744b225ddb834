# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibraryLFQOptions(ConfigModel):
    """
    `LFQ` of vector-quantize-pytorch. Lookup-free quantization: each channel keeps its sign.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['LFQ']
    """
    Class of vector-quantize-pytorch.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels.
    """
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values a token can take; of the `LFQ` classes a power of 2.
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
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    codebook_scale: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Absolute value of a code; with `spherical` its length.
    """
    frac_per_sample_entropy: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Share of the latent frames used for the entropy term.
    """
    projection_has_bias: bool = True
    """
    Bias of the linear projections.
    """
    soft_clamp_input_value: Annotated[float | None, Field(gt=0.0)] = None
    """
    Bound the input softly to this absolute value; null does not.
    """
    cosine_sim_project_in: bool = False
    """
    Make the input projection one of cosines.
    """
    cosine_sim_project_in_scale: Annotated[float | None, Field(gt=0.0)] = None
    """
    Scale of those cosines; null is `codebook_scale`.
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
