# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class IdentityTransformOptions(ConfigModel):
    """
    Options of `identity`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class IdentityTransformConfig(ConfigModel):
    """
    No transform.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['identity', 'none']
    """
    Selects this type; any of its names.
    """
    config: Annotated[IdentityTransformOptions, Field(default_factory=lambda: IdentityTransformOptions())]
    """
    Options of this type.
    """
    apply_encoder: bool = True
    """
    Transform what the encoder sees.
    """
    apply_inverse: bool = True
    """
    Transform back what the decoder gives.
    """
    apply_target: bool = False
    """
    Transform the target of the losses.
    """
