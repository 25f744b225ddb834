# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class TextEncoderConditionerOptions(ConfigModel):
    """
    Options of `text_encoder`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder of the encoder, as transformers writes it, or the name of one in the local cache; null with `package`.
    """
    package: Annotated[str | None, Field(pattern='^[A-Za-z_][A-Za-z0-9_]*$')] = None
    """
    Installed package that carries such a folder, by the name it is imported as; it is looked at, not run.
    """
    subfolder: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder inside that folder, cache entry or package.
    """
    width: Annotated[int | None, Field(ge=1)] = None
    """
    Width of the encoder; null to read it from its config.json, which must be there when the model is built.
    """
    max_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'tokens'})] = (
        128
    )
    """
    Tokens; shorter texts are padded, longer ones cut.
    """
    layer: int = -1
    """
    Hidden layer to take; negative ones count from the end, -1 is the last with its final normalisation.
    """
    pooling: Literal['none', 'mean', 'first'] = 'none'
    """
    `none` gives a vector for each token; the mean over the tokens, or the first of them, gives one vector.
    """
    padding_mode: Literal['none', 'zero', 'learned'] = 'zero'
    """
    What stands in the place of padding.
    """
    enable_grad: bool = False
    """
    Train the encoder.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    precision: Literal['auto', 'float32', 'bfloat16', 'float16'] = 'auto'
    """
    Precision of the frozen encoder; `auto` is float32 on a processor, and what suits the encoder elsewhere. A trained encoder has the precision of the model.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class TextEncoderConditionerConfig(ConfigModel):
    """
    Text through any encoder of transformers, from a folder or an installed package.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'tokens'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['text_encoder']
    """
    Selects this type.
    """
    config: TextEncoderConditionerOptions
    """
    Options of this type.
    """
