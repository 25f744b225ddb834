# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class FeedForwardOptions(ConfigModel):
    """
    Options of the feed-forward layers.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mult: Annotated[float, Field(gt=0.0)] = 4
    """
    Inner width as a multiple of the width.
    """
    dim_out: Annotated[int | None, Field(ge=1)] = None
    """
    Width of the output; null keeps the width, the only value that fits the residual.
    """
    no_bias: bool = False
    """
    Leave biases out.
    """
    glu: bool = True
    """
    Gated linear units.
    """
    use_conv: bool = False
    """
    Convolutions instead of linear layers; with `glu` only in the output.
    """
    conv_kernel_size: Annotated[int, Field(ge=1)] = 3
    """
    Kernel of those convolutions; odd.
    """
    sinusoidal: bool = False
    """
    Sinusoidal activation instead of the gated one (Stable Audio 3).
    """
