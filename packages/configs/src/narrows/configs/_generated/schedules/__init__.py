# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .explicit import ExplicitScheduleConfig, Time
if TYPE_CHECKING:
    from .karras import KarrasScheduleConfig
if TYPE_CHECKING:
    from .linear import LinearScheduleConfig
if TYPE_CHECKING:
    from .logsnr import LogSNRScheduleConfig
if TYPE_CHECKING:
    from .logsnr_stretched import StretchedLogSNRScheduleConfig
if TYPE_CHECKING:
    from .poly_exponential import PolyExponentialScheduleConfig

__all__ = [
    "ExplicitScheduleConfig",
    "KarrasScheduleConfig",
    "LinearScheduleConfig",
    "LogSNRScheduleConfig",
    "PolyExponentialScheduleConfig",
    "StretchedLogSNRScheduleConfig",
    "Time",
]

_PLACES = {
    'ExplicitScheduleConfig': 'explicit',
    'Time': 'explicit',
    'KarrasScheduleConfig': 'karras',
    'LinearScheduleConfig': 'linear',
    'LogSNRScheduleConfig': 'logsnr',
    'StretchedLogSNRScheduleConfig': 'logsnr_stretched',
    'PolyExponentialScheduleConfig': 'poly_exponential',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

