# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pre_encode import PreEncodeExperimentConfig
if TYPE_CHECKING:
    from .train import TrainExperimentConfig

__all__ = [
    "PreEncodeExperimentConfig",
    "TrainExperimentConfig",
]

_PLACES = {
    'PreEncodeExperimentConfig': 'pre_encode',
    'TrainExperimentConfig': 'train',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

