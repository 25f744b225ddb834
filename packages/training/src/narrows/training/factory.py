"""`create_training_wrapper_from_config`: from a model file to the trainer of its model."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel
from torch import nn

from narrows.configs import NarrowsError, load_config
from narrows.training import trainers
from narrows.training.trainers.base import Trainer, build_trainer


class NothingToTrainError(NarrowsError, ValueError):
    """A model file without a `training` section was given to train."""


def create_training_wrapper_from_config(
    model_config: Mapping[str, Any] | str | Path | BaseModel, model: nn.Module
) -> Trainer:
    """Losses, optimizers and steps for training a model.

    Args:
        model_config: the model file, with its `training` section; never changed.
        model: of `create_model_from_config`, with the same file.

    Raises:
        ConfigError: the configuration is wrong.
        NothingToTrainError: it has no `training` section.
        NotAvailableError: this version cannot train this type of model.
    """
    typed = load_config(model_config, "model")
    if typed.training is None:
        raise NothingToTrainError("The model file has no `training` section; add one, at least `training: {}`")
    register_trainers(typed)
    return build_trainer(typed, model)


def register_trainers(config: Any) -> None:
    """Import the trainer of a model file, so that it registers itself.

    The files whose name begins the model type come first (`diffusion` for `diffusion_cond`), then all others, so that
    most trainings import one trainer only.
    """
    names = [module.name for module in iter_modules(trainers.__path__) if module.name != "base"]
    named = [name for name in names if config.model_type.startswith(name)]
    for group in (named, names):
        if build_trainer.dispatch(type(config)) is not build_trainer.dispatch(object):
            return
        for name in group:
            import_module(f"{trainers.__name__}.{name}")
