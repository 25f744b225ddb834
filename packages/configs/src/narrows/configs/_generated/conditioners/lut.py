# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name


class LUTConditionerOptions(ConfigModel):
    """
    Options of `lut`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    tokenizer_name: Annotated[str, Field(min_length=1)]
    """
    Tokenizer, by its name on Hugging Face, or a folder.
    """
    max_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'tokens'})] = (
        1024
    )
    """
    Tokens.
    """
    use_abs_pos_emb: bool = False
    """
    Add learned positions.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    special_tokens: list[name.Name] = []
    """
    Tokens added to the vocabulary.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class LUTConditionerConfig(ConfigModel):
    """
    Text as tokens, a learned vector for each.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'tokens'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['lut']
    """
    Selects this type.
    """
    config: LUTConditionerOptions
    """
    Options of this type.
    """
