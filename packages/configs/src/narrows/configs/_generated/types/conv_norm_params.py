# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ConvNormParams(ConfigModel):
    """
    Arguments of the normalisation after a convolution; the other kinds of `norm` have none.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Added to the variance. `layer_norm`, `time_group_norm`.
    """
    affine: bool = True
    """
    Learn a scale and an offset a channel. `time_group_norm`.
    """
    elementwise_affine: bool = True
    """
    Learn a scale a channel, and an offset where `bias` is true. `layer_norm`.
    """
    bias: bool = True
    """
    Learn an offset a channel. `layer_norm`.
    """
