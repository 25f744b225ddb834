# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class TransformersPretransformOptions(ConfigModel):
    """
    Options of `transformers`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    path: Annotated[str, Field(min_length=1)]
    """
    Folder with a `config.json` and weights in safetensors, as `save_pretrained` writes it. Code in it is never run.
    """
    scale: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = 1.0
    """
    Latents are divided by it in encoding and multiplied in decoding; not 0.
    """


class TransformersPretransformConfig(ConfigModel):
    """
    A codec of transformers or diffusers in a local folder, run by its own class; never trained.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['transformers']
    """
    Selects this type.
    """
    config: TransformersPretransformOptions
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform; this type cannot be trained, so that only false is right.
    """
