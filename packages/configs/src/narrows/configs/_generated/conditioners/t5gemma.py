# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class T5GemmaConditionerOptions(ConfigModel):
    """
    Options of `t5gemma`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model_name: Literal['google/t5gemma-b-b-ul2'] = 'google/t5gemma-b-b-ul2'
    """
    Published encoder.
    """
    max_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'tokens'})] = (
        128
    )
    """
    Tokens; shorter texts are padded, longer ones cut.
    """
    enable_grad: bool = False
    """
    Train the encoder.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    padding_mode: Literal['none', 'zero', 'learned'] = 'zero'
    """
    What stands in the place of padding.
    """
    model_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder to load it from; null for the published one in the local cache.
    """
    repo_id: Annotated[str | None, Field(min_length=1)] = None
    """
    Repository whose copy in the local cache is loaded; not read where `model_path` is given.
    """
    subfolder: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder inside that repository.
    """
    precision: Literal['auto', 'float32', 'bfloat16', 'float16'] = 'auto'
    """
    Precision of the frozen encoder; `auto` is float32 on a processor, and what suits the encoder elsewhere. A trained encoder has the precision of the model.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class T5GemmaConditionerConfig(ConfigModel):
    """
    Text through a frozen T5Gemma encoder (Stable Audio 3).
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'tokens'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['t5gemma']
    """
    Selects this type.
    """
    config: Annotated[T5GemmaConditionerOptions, Field(default_factory=lambda: T5GemmaConditionerOptions())]
    """
    Options of this type.
    """
