# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class NoShiftConfig(ConfigModel):
    """
    No timestep shift.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['none']
    """
    Selects this type.
    """
