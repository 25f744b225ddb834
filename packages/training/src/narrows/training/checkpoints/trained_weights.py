"""The weights of a trainer: in a checkpoint, by the names of its modules, and as a model folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor, nn

from narrows.models import create_model_from_config, save_model
from narrows.models.checkpoints.names import from_file, to_file
from narrows.models.checkpoints.training_format import ADAPTER, AVERAGE, MODEL
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.distributed.fabric import is_sharded
from narrows.training.distributed.sharding import load_whole, whole

if TYPE_CHECKING:
    from narrows.training.trainers.base import Trainer


def saved_modules(trainer: Trainer) -> dict[str, nn.Module]:
    """The modules whose weights are saved: `model`, `ema` where there is an average, and others.

    Where an adapter is trained, it stands in the place of the model, whose weights are those it started from.
    """
    average = {} if trainer.ema is None else {AVERAGE: trainer.ema.model}
    trained = {MODEL: trainer.model} if trainer.adapter is None else {ADAPTER: trainer.adapter.module}
    return {**trained, **average, **trainer.modules_beside}


def flat_weights(trainer: Trainer) -> dict[str, Tensor]:
    """Weights to save, each name after one of `saved_modules`, spelt as in files; sharded ones are as they are.

    Parts that the average shares with the model are saved once, with the model.
    """
    found = {name: module.state_dict() for name, module in saved_modules(trainer).items()}
    if trainer.ema is not None:
        found[AVERAGE] = trainer.ema.select(found[AVERAGE])
    return {f"{name}.{key}": value for name, state in found.items() for key, value in to_file(state).items()}


def load_weights(trainer: Trainer, name: str, state: Mapping[str, Tensor]) -> None:
    """Load the weights of one of `saved_modules`; everything must fit.

    Args:
        trainer: set up.
        name: of the module.
        state: spelt as in files. For the average it may also hold shared parts, as older checkpoints do.
    """
    module, given = saved_modules(trainer)[name], from_file(state)
    own = module.state_dict()
    if name == AVERAGE and trainer.ema is not None:
        averaged = trainer.ema.select(own)
        given = {key: value for key, value in given.items() if key in averaged or key not in own}
        given |= {key: value for key, value in own.items() if key not in averaged}
    load_whole(module, given)


def write_model(trainer: Trainer, folder: Path) -> None:
    """Write the model to use as a `save_model` folder, or its adapter alone; all processes call it."""
    if trainer.adapter is not None:
        if trainer.fabric.is_global_zero:
            trainer.adapter.write(folder, trainer.adapter.module.state_dict())
        return
    model: nn.Module = trainer.best_model
    if is_sharded(trainer.fabric):
        state = whole(model.state_dict())
        with preserved_rng():
            model = create_model_from_config(trainer.config)
        model.load_state_dict(state)
    if trainer.fabric.is_global_zero:
        save_model(model, folder)
