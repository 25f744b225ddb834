# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay


class SimVQBottleneckOptions(ConfigModel):
    """
    Options of `simvq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels that are quantized.
    """
    codebook_size: Annotated[int, Field(ge=1)]
    """
    Entries of each codebook.
    """
    num_quantizers: Annotated[int, Field(ge=1)] = 1
    """
    Residual stages; one token a stage and latent frame.
    """
    frozen_codebook_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of the frozen codes; null means `dim`.
    """
    rotation_trick: bool = True
    """
    Pass gradients by rotating and scaling instead of copying (Fifty et al. 2024).
    """
    input_to_quantize_commit_loss_weight: Annotated[float, Field(ge=0.0)] = 0.25
    """
    Weight of the pull on the encoder, relative to that on the codes.
    """
    commitment_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of both pulls inside `quantizer_loss`.
    """
    revive_below: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    In training, replace codes by frames of the batch, as the layer behind the codes makes them of it, when their moving share of the frames falls below this part of an even share, and start a new codebook from the first batch; 0 does neither. 0.1 suits most.
    """
    use_decay: decay.Decay = 0.9
    """
    Decay of these moving shares, a training step.
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


class SimVQBottleneckConfig(ConfigModel):
    """
    Residual SimVQ (Zhu et al. 2024): frozen codes behind a trained linear layer. Reports `quantizer_indices` and `quantizer_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    type: Literal['simvq']
    """
    Selects this type.
    """
    config: SimVQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
