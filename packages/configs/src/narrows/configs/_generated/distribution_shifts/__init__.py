# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flux import FluxShiftConfig
if TYPE_CHECKING:
    from .full import FullShiftConfig
if TYPE_CHECKING:
    from .logsnr import LogSNRShiftConfig
if TYPE_CHECKING:
    from .none import NoShiftConfig

__all__ = [
    "FluxShiftConfig",
    "FullShiftConfig",
    "LogSNRShiftConfig",
    "NoShiftConfig",
]

_PLACES = {
    'FluxShiftConfig': 'flux',
    'FullShiftConfig': 'full',
    'LogSNRShiftConfig': 'logsnr',
    'NoShiftConfig': 'none',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

