"""Training: from an experiment to a trained model that can be interrupted anywhere and goes on exactly.

Names load when first used: metrics and reports need none of the engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.training.autoencoder import AutoencoderTraining
    from narrows.training.demos import DemoCallback, create_demo_callback_from_config
    from narrows.training.ema import EMA
    from narrows.training.guard import TrainingDivergedError
    from narrows.training.memory import OutOfMemoryError
    from narrows.training.optimizers import create_optimizer_from_config
    from narrows.training.run import RunResult, train
    from narrows.training.schedulers import InverseLR, create_scheduler_from_config
    from narrows.training.signals import Terminated
    from narrows.training.wrapper import create_training_wrapper_from_config

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
    "AutoencoderTraining": "autoencoder",
    "DemoCallback": "demos",
    "EMA": "ema",
    "InverseLR": "schedulers",
    "OutOfMemoryError": "memory",
    "RunResult": "run",
    "Terminated": "signals",
    "TrainingDivergedError": "guard",
    "create_demo_callback_from_config": "demos",
    "create_optimizer_from_config": "optimizers",
    "create_scheduler_from_config": "schedulers",
    "create_training_wrapper_from_config": "wrapper",
    "train": "run",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
