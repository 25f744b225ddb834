# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class StudioTrial(ConfigModel):
    """
    What a listener hears in one trial; names and order tell nothing.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    index: int
    """
    From 0.
    """
    question: str
    """
    What is asked.
    """
    labels: list[str]
    """
    Of the sounds, e.g. A, B and X; each is at `/api/sessions/{session}/trials/{trial}/sounds/{label}`.
    """
    rated: list[str]
    """
    Labels that get a rating; empty where a choice is asked for.
    """
    choices: list[str]
    """
    What can be chosen; empty where ratings are asked for.
    """
