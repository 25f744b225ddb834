# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from ..distribution_shifts import flux, full, logsnr, none


class LinearScheduleConfig(ConfigModel):
    """
    Equal steps in the model's time, shifted by the length where there is a shift.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['linear']
    """
    Selects this type.
    """
    shift: (
        full.FullShiftConfig
        | none.NoShiftConfig
        | flux.FluxShiftConfig
        | logsnr.LogSNRShiftConfig
        | None
    ) = None
    """
    Shift of the times by the length; null for that of the model.
    """
