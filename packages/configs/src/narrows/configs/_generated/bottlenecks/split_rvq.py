# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay as decay_1


class SplitRVQBottleneckOptions(ConfigModel):
    """
    Options of `split_rvq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 512
    """
    Latent channels.
    """
    codebook_dim: Annotated[int, Field(ge=1)] = 256
    """
    Width in which both quantizers work.
    """
    codebook_size: Annotated[int, Field(ge=2)] = 2048
    """
    Entries of each codebook.
    """
    num_quantizers: Annotated[int, Field(ge=2)] = 32
    """
    Stages of both together.
    """
    num_semantic_quantizers: Annotated[int, Field(ge=1)] = 1
    """
    Stages of the semantic one, whose tokens come first.
    """
    decay: decay_1.Decay = 0.99
    """
    Of the moving averages that train the codebooks.
    """
    kmeans_init: bool = True
    """
    Start the codebooks from k-means of the first training batch.
    """
    threshold_ema_dead_code: Annotated[float, Field(ge=0.0)] = 2
    """
    Codes whose moving count falls below are replaced; 0 switches it off.
    """
    quantize_dropout: bool = False
    """
    Train with a random number of acoustic stages.
    """


class SplitRVQBottleneckConfig(ConfigModel):
    """
    Two residual quantizers side by side (Mimi, Défossez et al. 2024): a semantic one and an acoustic one, both of the latents themselves, whose results are added. Reports `quantizer_indices` and `quantizer_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    type: Literal['split_rvq']
    """
    Selects this type.
    """
    config: Annotated[SplitRVQBottleneckOptions, Field(default_factory=lambda: SplitRVQBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
