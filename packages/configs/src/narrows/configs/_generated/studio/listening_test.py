# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioListeningTest(ConfigModel):
    """
    A blind test. What would tell versions apart is not in it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    name: str
    """
    Shown to listeners.
    """
    kind: Literal['abx', 'mushra', 'preference']
    """
    Of the test.
    """
    created: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Time in seconds since 1970.
    """
    trials: int
    """
    Of a session.
    """
    listener_address: str
    """
    Path and query of the studio's address that open this test, and nothing else, in a browser.
    """
    versions: list[str]
    """
    Names of what is judged, sorted.
    """
    notes: list[str]
    """
    What was left out or changed, e.g. an anchor that the rate has no room for.
    """
    finished: int
    """
    Sessions that are over.
    """
    started: int
    """
    Sessions in all.
    """
