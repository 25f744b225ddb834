"""Training: from an experiment to a trained model. A run can be interrupted anywhere and resumes exactly.

    run, loop, schedule, recorder, run_folder   a run, from its experiment to its folder
    trainers/                                   one file a kind of model, and the base of all
    adversarial/, loss_step, step_result        what a step does
    optim/                                      optimizers, learning rates, parameter groups, averages
    training_data, data_iterator, validation    batches to train and to validate on
    checkpoints/                                what is saved and restored
    distributed/                                devices, processes, sharded weights
    demos/, loggers/, plan, memory              what a run shows and tells

Names load when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.training.demos.callback import DemoCallback, create_demo_callback_from_config
    from narrows.training.distributed.failures import ProcessFailedError
    from narrows.training.factory import create_training_wrapper_from_config
    from narrows.training.memory import OutOfMemoryError
    from narrows.training.non_finite import TrainingDivergedError
    from narrows.training.optim.ema import EMA
    from narrows.training.optim.optimizers import create_optimizer_from_config
    from narrows.training.optim.schedulers import InverseLR, create_scheduler_from_config
    from narrows.training.run import RunResult, train
    from narrows.training.stop_signals import Terminated
    from narrows.training.trainers.autoencoder import AutoencoderTrainer
    from narrows.training.trainers.base import Trainer, build_trainer

__all__ = [
    "EMA",
    "AutoencoderTrainer",
    "DemoCallback",
    "InverseLR",
    "OutOfMemoryError",
    "ProcessFailedError",
    "RunResult",
    "Terminated",
    "Trainer",
    "TrainingDivergedError",
    "build_trainer",
    "create_demo_callback_from_config",
    "create_optimizer_from_config",
    "create_scheduler_from_config",
    "create_training_wrapper_from_config",
    "train",
]

_MODULES = {
    "AutoencoderTrainer": "trainers.autoencoder",
    "DemoCallback": "demos.callback",
    "EMA": "optim.ema",
    "InverseLR": "optim.schedulers",
    "OutOfMemoryError": "memory",
    "ProcessFailedError": "distributed.failures",
    "RunResult": "run",
    "Terminated": "stop_signals",
    "Trainer": "trainers.base",
    "TrainingDivergedError": "non_finite",
    "build_trainer": "trainers.base",
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
