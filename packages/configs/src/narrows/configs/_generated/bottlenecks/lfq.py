# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LFQBottleneckOptions(ConfigModel):
    """
    Options of `lfq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values of a token: a power of 2. The entropy term needs so many numbers a latent frame.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels; null means `log2(codebook_size) * num_codebooks`, any other value adds linear projections.
    """
    num_codebooks: Annotated[int, Field(ge=1)] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    codebook_scale: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Absolute value of a code; with `spherical` its length.
    """
    spherical: bool = False
    """
    Put codes and vectors on a sphere (binary spherical quantization).
    """
    entropy_loss_weight: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Weight of the entropy term inside `quantizer_loss`.
    """
    diversity_gamma: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Share of the diversity of the codes in the entropy term.
    """
    commitment_loss_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    frac_per_sample_entropy: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Share of the latent frames used for the entropy term.
    """
    inv_temperature: Annotated[float, Field(gt=0.0)] = 100.0
    """
    Sharpness of the soft assignment in the entropy term.
    """
    experimental_softplus_entropy_loss: bool = False
    """
    Keep the entropy term positive by a softplus.
    """
    entropy_loss_offset: float = 5.0
    """
    Added to the entropy term before the softplus.
    """
    soft_clamp_input_value: Annotated[float | None, Field(gt=0.0)] = None
    """
    Bound the input softly to this absolute value, at least `codebook_scale`; null does not.
    """
    projection_has_bias: bool = True
    """
    Bias of the linear projections.
    """
    cosine_sim_project_in: bool = False
    """
    Make the input projection one of cosines.
    """


class LFQBottleneckConfig(ConfigModel):
    """
    Lookup-free quantization (Yu et al. 2023): each channel keeps its sign. Reports `quantizer_indices` and `quantizer_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    type: Literal['lfq']
    """
    Selects this type.
    """
    config: LFQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
