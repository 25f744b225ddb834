# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class DemoConfig(ConfigModel):
    """
    Demo audio and pictures written during training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    demo_every: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        2000
    )
    """
    Write demos every so many steps, and at the end.
    """
    max_demos: Annotated[int, Field(ge=1)] = 8
    """
    Clips of a demo at most.
    """
