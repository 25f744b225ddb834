# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PhonemeConditionerOptions(ConfigModel):
    """
    Options of `phoneme`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    max_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'tokens'})] = (
        1024
    )
    """
    Phonemes that a text is cut to with `truncate`.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    truncate: bool = False
    """
    Cut longer texts to `max_length`; stable-audio-tools never does.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class PhonemeConditionerConfig(ConfigModel):
    """
    English text as phonemes, a learned vector for each.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'tokens'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['phoneme']
    """
    Selects this type.
    """
    config: Annotated[PhonemeConditionerOptions, Field(default_factory=lambda: PhonemeConditionerOptions())]
    """
    Options of this type.
    """
