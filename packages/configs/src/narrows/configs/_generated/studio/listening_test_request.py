# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioTestVersion(ConfigModel):
    """
    A version of a clip.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: Annotated[str, Field(max_length=200, min_length=1)]
    """
    Of the system that made it, the same in all items.
    """
    sound: Annotated[
        str, Field(max_length=64, min_length=1, pattern='^[0-9A-Za-z_-]+$')
    ]
    """
    Id of the sound.
    """


class StudioTestItem(ConfigModel):
    """
    A clip with versions of it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: Annotated[str, Field(max_length=200, min_length=1)]
    """
    Of the clip, for the results.
    """
    reference: Annotated[
        str, Field(max_length=64, min_length=1, pattern='^[0-9A-Za-z_-]+$')
    ]
    """
    Id of the original's sound.
    """
    versions: Annotated[list[StudioTestVersion], Field(max_length=10, min_length=1)]
    """
    What is judged.
    """


class StudioListeningTestRequest(ConfigModel):
    """
    Body of `POST /api/tests`: a blind test of sounds.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: Annotated[str, Field(max_length=200, min_length=1)]
    """
    Shown to listeners.
    """
    kind: Literal['abx', 'mushra', 'preference']
    """
    ABX (is X A or B), MUSHRA (ITU-R BS.1534) or preference (A or B).
    """
    items: Annotated[list[StudioTestItem], Field(max_length=100, min_length=1)]
    """
    What is heard.
    """
    trials: Annotated[int | None, Field(ge=1, le=100)] = None
    """
    Trials of each version (ABX) or of each pair of an item (preference); null for 10 in ABX and 1 in preference. MUSHRA has one for each item.
    """
    seed: Annotated[int | None, Field(ge=0)] = None
    """
    Of orders and assignments, which who knows it can work out; each listener has others. Null for a secret one.
    """
    level_match: bool = True
    """
    Bring every version to the loudness of its reference.
    """
