# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class StudioSession(ConfigModel):
    """
    A listener's way through a test.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    test: str
    """
    Id of the test.
    """
    name: str
    """
    Of the test.
    """
    kind: Literal['abx', 'mushra', 'preference']
    """
    Of the test.
    """
    listener: str
    """
    Who listens.
    """
    trials: int
    """
    In all.
    """
    answered: int
    """
    Trials that are over: the next has this number, from 0.
    """
    finished: bool
    """
    Whether all are.
    """
