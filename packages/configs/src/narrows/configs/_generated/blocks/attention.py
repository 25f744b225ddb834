# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AttentionOptions(ConfigModel):
    """
    Options of the attention layers.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    qk_norm: Literal['none', 'l2', 'ln', 'dyt', 'rms'] = 'none'
    """
    Normalisation of queries and keys; `rms` is of Stable Audio 3.
    """
    qk_norm_eps: Annotated[float, Field(gt=0.0)] = 1e-06
    """
    Numeric floor of `rms`.
    """
    differential: bool = False
    """
    Differential attention: the difference of two attention maps.
    """
    feat_scale: bool = False
    """
    Learned scaling of the high frequencies of attention.
    """
