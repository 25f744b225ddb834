# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class LogSNRScheduleConfig(ConfigModel):
    """
    Equal steps in the logarithm of signal over noise, the last one a jump to the signal (stable-audio-tools). The jump stays as it is however many steps there are, and so does the error that it makes.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['logsnr']
    """
    Selects this type.
    """
    logsnr_start: float = -6.0
    """
    Where pure noise starts.
    """
    logsnr_end: float = 2.0
    """
    Where the jump starts; greater than `logsnr_start`.
    """
