"""Training: from an experiment to a trained model that can be interrupted anywhere and goes on exactly.

Names load when first used: metrics and reports need none of the engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.training.demos.callback import DemoCallback, create_demo_callback_from_config
    from narrows.training.factory import create_training_wrapper_from_config
    from narrows.training.memory import OutOfMemoryError
    from narrows.training.non_finite import TrainingDivergedError
    from narrows.training.optim.ema import EMA
    from narrows.training.optim.optimizers import create_optimizer_from_config
    from narrows.training.optim.schedulers import InverseLR, create_scheduler_from_config
    from narrows.training.run import RunResult, train
    from narrows.training.stop_signals import Terminated
    from narrows.training.trainers.autoencoder import AutoencoderTraining

__all__ = [
    "EMA",
    "AutoencoderTraining",
    "DemoCallback",
    "InverseLR",
    "OutOfMemoryError",
    "RunResult",
    "Terminated",
    "TrainingDivergedError",
    "create_demo_callback_from_config",
    "create_optimizer_from_config",
    "create_scheduler_from_config",
    "create_training_wrapper_from_config",
    "train",
]

_MODULES = {
    "AutoencoderTraining": "trainers.autoencoder",
    "DemoCallback": "demos.callback",
    "EMA": "optim.ema",
    "InverseLR": "optim.schedulers",
    "OutOfMemoryError": "memory",
    "RunResult": "run",
    "Terminated": "stop_signals",
    "TrainingDivergedError": "non_finite",
    "create_demo_callback_from_config": "demos.callback",
    "create_optimizer_from_config": "optim.optimizers",
    "create_scheduler_from_config": "optim.schedulers",
    "create_training_wrapper_from_config": "factory",
    "train": "run",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
