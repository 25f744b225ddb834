# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .schedules import (
        explicit,
        karras,
        linear,
        logsnr,
        logsnr_stretched,
        poly_exponential,
    )

if TYPE_CHECKING:
    ScheduleConfig = TypeAliasType(
        "ScheduleConfig",
        Annotated[
            linear.LinearScheduleConfig | logsnr.LogSNRScheduleConfig | logsnr_stretched.StretchedLogSNRScheduleConfig | poly_exponential.PolyExponentialScheduleConfig | karras.KarrasScheduleConfig | explicit.ExplicitScheduleConfig,
            Field(discriminator='type', title='ScheduleConfig'),
        ],
    )
else:
    ScheduleConfig = TypeAliasType(
        'ScheduleConfig',
        Annotated[Any, Tagged('type', {
            'linear': 'schedules.linear:LinearScheduleConfig',
            'logsnr': 'schedules.logsnr:LogSNRScheduleConfig',
            'logsnr_stretched': 'schedules.logsnr_stretched:StretchedLogSNRScheduleConfig',
            'poly_exponential': 'schedules.poly_exponential:PolyExponentialScheduleConfig',
            'karras': 'schedules.karras:KarrasScheduleConfig',
            'explicit': 'schedules.explicit:ExplicitScheduleConfig',
        })],
    )
"""
Noise levels of the steps of a sampler, by `type`.
"""
