# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from . import sound as sound_1


class StudioVersion(ConfigModel):
    """
    What a model made of a sound.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: str
    """
    Of the model, and how many of its codebooks where not all.
    """
    sound: sound_1.StudioSound
    """
    To hear.
    """
    gain_db: Annotated[float, Field(json_schema_extra={'x-unit': 'dB'})]
    """
    Gain that brings it to the loudness of the original.
    """
    metrics: dict[str, float | None]
    """
    Values by name, bitrates among them; null where one is not defined.
    """
    faults: list[str]
    """
    Faults that were found in it.
    """


class StudioComparison(ConfigModel):
    """
    A sound and what models made of it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    sound: sound_1.StudioSound
    """
    The original.
    """
    created: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Time in seconds since 1970.
    """
    versions: list[StudioVersion]
    """
    In the order asked for.
    """
