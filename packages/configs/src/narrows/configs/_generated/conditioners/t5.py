# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class T5ConditionerOptions(ConfigModel):
    """
    Options of `t5`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    t5_model_name: Literal['t5-small', 't5-base', 't5-large', 't5-3b', 't5-11b', 'google/flan-t5-small', 'google/flan-t5-base', 'google/flan-t5-large', 'google/flan-t5-xl', 'google/flan-t5-xxl', 'google/t5-v1_1-xl', 'google/t5-v1_1-xxl'] = (
        't5-base'
    )
    """
    Published encoder; not read where `model_path` is given.
    """
    model_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder to load it from, as transformers writes it; null for the published one in the local cache.
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
    precision: Literal['auto', 'float32', 'bfloat16', 'float16'] = 'auto'
    """
    Precision of the frozen encoder; `auto` is float32 on a processor, and what suits the encoder elsewhere. A trained encoder has the precision of the model.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class T5ConditionerConfig(ConfigModel):
    """
    Text through a frozen T5 encoder (Raffel et al. 2020).
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'tokens'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['t5']
    """
    Selects this type.
    """
    config: Annotated[T5ConditionerOptions, Field(default_factory=lambda: T5ConditionerOptions())]
    """
    Options of this type.
    """
