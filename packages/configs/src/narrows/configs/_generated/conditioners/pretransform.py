# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .._internal_1 import PretransformConfig


class PretransformConditionerConfig(ConfigModel):
    """
    Audio through a pretransform: latents, frame by frame.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'frames'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['pretransform']
    """
    Selects this type.
    """
    config: "PretransformConditionerOptions"
    """
    Options of this type.
    """


class PretransformConditionerOptions(ConfigModel):
    """
    Options of `pretransform`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    sample_rate: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})]
    """
    Sample rate of the inner pretransform.
    """
    use_model_pretransform: bool = False
    """
    Use the model's own pretransform.
    """
    pretransform_config: PretransformConfig | None = None
    """
    A pretransform of its own; needed unless the model's is used.
    """
    pretransform_ckpt_path: Annotated[str | None, Field(min_length=1)] = None
    """
    File of its weights.
    """
    save_pretransform: bool = False
    """
    Keep its weights in the checkpoint.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """
