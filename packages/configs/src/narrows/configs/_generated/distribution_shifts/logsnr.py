# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LogSNRShiftConfig(ConfigModel):
    """
    Timesteps uniform in the log signal-to-noise ratio, its start shifted with the length.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['logsnr']
    """
    Selects this type.
    """
    anchor_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 2000
    """
    Length at which the start is `anchor_logsnr`.
    """
    anchor_logsnr: float = -6.2
    """
    Start at the anchor.
    """
    rate: float = 1.0
    """
    Change of the start with the logarithm of the length.
    """
    logsnr_end: float = 2.0
    """
    End.
    """
