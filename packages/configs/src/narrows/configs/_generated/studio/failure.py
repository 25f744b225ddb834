# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class StudioFailure(ConfigModel):
    """
    Answer where something is wrong.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    error: str
    """
    What is wrong, and what to do instead.
    """
