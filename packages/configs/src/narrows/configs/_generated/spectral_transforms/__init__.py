# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .by_class import ClassTransformConfig, ClassTransformOptions
if TYPE_CHECKING:
    from .identity import IdentityTransformConfig, IdentityTransformOptions
if TYPE_CHECKING:
    from .log_mag import LogMagnitudeTransformConfig, LogMagnitudeTransformOptions
if TYPE_CHECKING:
    from .power_norm import PowerNormTransformConfig, PowerNormTransformOptions

__all__ = [
    "ClassTransformConfig",
    "ClassTransformOptions",
    "IdentityTransformConfig",
    "IdentityTransformOptions",
    "LogMagnitudeTransformConfig",
    "LogMagnitudeTransformOptions",
    "PowerNormTransformConfig",
    "PowerNormTransformOptions",
]

_PLACES = {
    'ClassTransformConfig': 'by_class',
    'ClassTransformOptions': 'by_class',
    'IdentityTransformConfig': 'identity',
    'IdentityTransformOptions': 'identity',
    'LogMagnitudeTransformConfig': 'log_mag',
    'LogMagnitudeTransformOptions': 'log_mag',
    'PowerNormTransformConfig': 'power_norm',
    'PowerNormTransformOptions': 'power_norm',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

