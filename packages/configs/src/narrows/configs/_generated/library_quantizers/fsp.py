# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class LibraryFSPOptions(ConfigModel):
    """
    `FSP` of vector-quantize-pytorch. Finite scalar perturbation: levels of a distribution function, with noise in training.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['FSP']
    """
    Class of vector-quantize-pytorch.
    """
    levels: Annotated[
        list[level.Level],
        Field(json_schema_extra={'x-role': 'codebook-channels'}, min_length=1),
    ]
    """
    Levels of each quantized channel; their product is the codebook size.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels.
    """
    projection_has_bias: bool = True
    """
    Bias of the linear projections.
    """
    act_name: Literal['tanh', 'sigmoid', 'normal', 'laplace', 'cauchy'] = 'tanh'
    """
    Distribution function that maps a channel to 0 to 1.
    """
    quantize_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of the values that training rounds; the others get noise as wide as a level.
    """
    need_inv_act: bool = False
    """
    Map the levels back by the inverse of the distribution function.
    """
    vector_norm: Literal['none', 'var', 'kurt', 'var_tanh', 'var_sigmoid', 'var_laplace'] = (
        'var_tanh'
    )
    """
    Statistics of the channels that `quantizer_loss` pulls to those of the distribution.
    """
