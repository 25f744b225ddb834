# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class StretchedLogSNRScheduleConfig(ConfigModel):
    """
    The shape of `logsnr`, stretched to reach the signal without a jump: more steps make the error as small as the sampler's order says.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['logsnr_stretched']
    """
    Selects this type.
    """
    logsnr_start: float = -6.0
    """
    Where pure noise starts.
    """
    logsnr_end: float = 2.0
    """
    Where the signal starts; greater than `logsnr_start`.
    """
