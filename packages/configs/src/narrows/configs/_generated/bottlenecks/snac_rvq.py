# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay, positive_int


class SnacRVQBottleneckOptions(ConfigModel):
    """
    Options of `snac_rvq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    input_dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 768
    """
    Channels of each joined frame.
    """
    codebook_size: Annotated[int, Field(ge=1)] = 4096
    """
    Entries of each codebook.
    """
    codebook_dim: Annotated[int, Field(ge=1)] = 8
    """
    Width in which codes are searched.
    """
    strides: Annotated[list[positive_int.PositiveInt], Field(min_length=1)] = [4, 2, 1]
    """
    Frames that a code of each stage covers: the coarsest first, each a divisor of `fold`.
    """
    fold: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'fold'})] = 4
    """
    Frames that are joined into one latent frame, which has their channels one below the other: the time of the coarsest code, and a multiple of the attention's window.
    """
    rotation_trick: bool = False
    """
    Pass gradients by rotating and scaling instead of copying (Fifty et al. 2024).
    """
    linear_codebook: bool = False
    """
    Codes are frozen vectors behind a trained linear layer, so that all of them move with each (SimVQ, Zhu et al. 2024). Not together with `revive_below` or `average_decay`.
    """
    revive_below: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    In training, replace codes by frames of the batch when their moving share of the frames falls below this part of an even share, and start a new codebook from the first batch; 0 does neither. 0.1 suits most.
    """
    use_decay: decay.Decay = 0.9
    """
    Decay of these moving shares, a training step.
    """
    average_decay: decay.Decay = 0.0
    """
    Codes are moving averages of the frames that choose them, with this decay a training step (van den Oord et al. 2017, appendix A), as those of `rvq` are; 0 trains them by gradient. 0.95 suits most. Not together with `linear_codebook`.
    """


class SnacRVQBottleneckConfig(ConfigModel):
    """
    Residual vector quantization at several rates (SNAC, Siuzdak et al. 2024): each stage codes the mean of some neighbouring frames. Reports `codes`, `vq/codebook_loss`, `vq/commitment_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['codebook', 'commitment']},
    )
    type: Literal['snac_rvq']
    """
    Selects this type.
    """
    config: Annotated[SnacRVQBottleneckOptions, Field(default_factory=lambda: SnacRVQBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
