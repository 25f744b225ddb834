# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adadelta import AdadeltaConfig, AdadeltaOptions
if TYPE_CHECKING:
    from .adafactor import AdafactorConfig, AdafactorOptions
if TYPE_CHECKING:
    from .adagrad import AdagradConfig, AdagradOptions
if TYPE_CHECKING:
    from .adam import AdamConfig, AdamOptions
if TYPE_CHECKING:
    from .adamax import AdamaxConfig, AdamaxOptions
if TYPE_CHECKING:
    from .adamw import AdamWConfig, AdamWOptions
if TYPE_CHECKING:
    from .asgd import ASGDConfig, ASGDOptions
if TYPE_CHECKING:
    from .muon import MuonConfig, MuonOptions
if TYPE_CHECKING:
    from .nadam import NAdamConfig, NAdamOptions
if TYPE_CHECKING:
    from .radam import RAdamConfig, RAdamOptions
if TYPE_CHECKING:
    from .rmsprop import RMSpropConfig, RMSpropOptions
if TYPE_CHECKING:
    from .sgd import SGDConfig, SGDOptions

__all__ = [
    "ASGDConfig",
    "ASGDOptions",
    "AdadeltaConfig",
    "AdadeltaOptions",
    "AdafactorConfig",
    "AdafactorOptions",
    "AdagradConfig",
    "AdagradOptions",
    "AdamConfig",
    "AdamOptions",
    "AdamWConfig",
    "AdamWOptions",
    "AdamaxConfig",
    "AdamaxOptions",
    "MuonConfig",
    "MuonOptions",
    "NAdamConfig",
    "NAdamOptions",
    "RAdamConfig",
    "RAdamOptions",
    "RMSpropConfig",
    "RMSpropOptions",
    "SGDConfig",
    "SGDOptions",
]

_PLACES = {
    'AdadeltaConfig': 'adadelta',
    'AdadeltaOptions': 'adadelta',
    'AdafactorConfig': 'adafactor',
    'AdafactorOptions': 'adafactor',
    'AdagradConfig': 'adagrad',
    'AdagradOptions': 'adagrad',
    'AdamConfig': 'adam',
    'AdamOptions': 'adam',
    'AdamaxConfig': 'adamax',
    'AdamaxOptions': 'adamax',
    'AdamWConfig': 'adamw',
    'AdamWOptions': 'adamw',
    'ASGDConfig': 'asgd',
    'ASGDOptions': 'asgd',
    'MuonConfig': 'muon',
    'MuonOptions': 'muon',
    'NAdamConfig': 'nadam',
    'NAdamOptions': 'nadam',
    'RAdamConfig': 'radam',
    'RAdamOptions': 'radam',
    'RMSpropConfig': 'rmsprop',
    'RMSpropOptions': 'rmsprop',
    'SGDConfig': 'sgd',
    'SGDOptions': 'sgd',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

