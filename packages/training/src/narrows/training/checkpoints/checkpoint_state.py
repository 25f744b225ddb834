"""The content of a training checkpoint: taken from a running training, and put back into it.

A checkpoint is a dictionary of tensors and plain values, read without running any code
(`narrows.models.checkpoints.training_format` has the names that readers of models need too):

    format, version      "narrows-training", 1
    config, experiment   the model file and the experiment, as JSON text
    data_files           which files the data set was, in words; missing where they are not local
    step                 updates of the model done
    state_dict           all weights, with the names of model files: `model.*`; `ema.*`, the average of what is
                         averaged; and modules beside the model, e.g. `discriminator.*`. Where an adapter is trained,
                         `adapter.*` in place of `model.*`
    ema_updates          updates of the average done
    post_hoc_ema         averages of several lengths; missing where none are kept
    optimizers           state of each optimizer, by parameter group
    schedulers           state of each learning rate schedule, by parameter group; empty without one
    adapter_base         hash of the model that an adapter is trained on; missing where there is none
    losses, balance, ... whatever the trainer adds
    scaler               state of the 16-bit loss scaler
    skipped_steps        steps that were not used
    rng                  state of the random number generators, one entry a process; null for one that was killed
    loader               `sample`, the number of the next sample of all processes; of shards, epoch and batch

Older checkpoints have `ema.*` for frozen parts too; these are the same as `model.*` and are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from lightning_fabric import Fabric

from narrows.models.checkpoints.names import strip_prefix
from narrows.models.checkpoints.sharded import filled, read_index, read_into
from narrows.models.checkpoints.training_format import ADAPTER, AVERAGE, MODEL, STATE_DICT
from narrows.training.adapter_training import BASE
from narrows.training.checkpoints.rng import rng_state, set_rng_state
from narrows.training.checkpoints.sharded import targets
from narrows.training.checkpoints.trained_weights import flat_weights, load_weights, saved_modules
from narrows.training.data_iterator import Batches
from narrows.training.distributed.fabric import gathered_objects
from narrows.training.distributed.sharding import whole
from narrows.training.non_finite import Guard
from narrows.training.trainers.base import Trainer

AVERAGES = "post_hoc_ema"
"""Entry of a checkpoint: averages of several lengths, and updates of them done."""


@dataclass(frozen=True)
class Start:
    """The checkpoint that a run starts from."""

    state: Mapping[str, Any] | None = None
    """Its content; None starts anew."""
    resumes: bool = False
    """Whether it is of this run, which goes on exactly; otherwise weights and moments are taken over."""
    folder: Path | None = None
    """Where the tensors are that the content only marks; None where it has them."""


class Moment(NamedTuple):
    """What a step changes before it updates any weights; buffers are put back by the trainer."""

    rng: dict[str, Any]
    loader: dict[str, Any]
    trainer: dict[str, Any]
    """The entries that the trainer adds."""
    skipped: int
    """Bad steps so far."""


@dataclass
class RunState:
    """Everything that changes while a run goes on."""

    trainer: Trainer
    batches: Batches
    guard: Guard
    step: int = 0
    """Updates of the model done."""

    def moment(self) -> Moment:
        """What an attempt at a step changes even when it fails."""
        return Moment(rng_state(), self.batches.state_dict(), self.trainer.state(), self.guard.skipped)

    def capture(
        self,
        fabric: Fabric,
        moment: Moment | None = None,
        generators: list[Any] | None = None,
        sharded: bool = False,
    ) -> dict[str, Any]:
        """The content of a checkpoint, but for its texts. All processes call it: each adds its generators.

        Args:
            fabric: of the run.
            moment: of the beginning of a step that failed; None for now.
            generators: their state in every process (None where it is not known), for a process that saves without
                the others; None asks all.
            sharded: leave tensors that are spread over the processes as they are.
        """
        moment = moment or self.moment()
        return {
            "step": self.step,
            **training_state(self.trainer, sharded),
            **moment.trainer,
            "scaler": fabric.strategy.precision.state_dict(),
            "skipped_steps": moment.skipped,
            "rng": gathered_objects(fabric, moment.rng) if generators is None else generators,
            "loader": moment.loader,
        }

    def begin(self, start: Start, fabric: Fabric) -> list[str]:
        """Go to where a run starts.

        Returns:
            Modules that another run's checkpoint lacks, which start anew.
        """
        if start.state is None:
            return []
        if not start.resumes:
            return take_over(self.trainer, start.state)
        state = start.state
        if start.folder is not None:
            tensors = targets(self.trainer, read_index(start.folder))
            read_into(start.folder, tensors)
            state = filled(state, tensors)
        self._restore(state, fabric)
        return []

    def _restore(self, state: Mapping[str, Any], fabric: Fabric) -> None:
        """Go back to a state of `capture`.

        Generators keep their seed in processes that are new, or that left no state because they were killed.
        """
        load_training_state(self.trainer, state)
        fabric.strategy.precision.load_state_dict(state["scaler"])
        self.guard.skipped = state["skipped_steps"]
        self.batches.load_state_dict(_position(state))
        generators = state["rng"][fabric.global_rank : fabric.global_rank + 1]
        if generators and generators[0] is not None:
            set_rng_state(generators[0])
        self.step = int(state["step"])


def _position(state: Mapping[str, Any]) -> dict[str, Any]:
    """Where the loader was. Earlier releases counted batches of all processes; their size makes samples of them."""
    loader = dict(state["loader"])
    if loader.keys() == {"epoch", "batch"}:
        experiment = json.loads(state["experiment"])
        loader["stretch"] = prod(experiment[name] for name in ("batch_size", "devices", "num_nodes"))
    return loader


def training_state(trainer: Trainer, sharded: bool = False) -> dict[str, Any]:
    """The trainer's part of a checkpoint, in whole tensors unless it is to stay sharded; all processes call it."""
    weights = flat_weights(trainer)
    groups = {name: group.state_dict() for name, group in trainer.groups.items()}

    def of(state: dict[str, Any]) -> dict[str, Any]:
        every: dict[str, Any] = state if sharded else whole(state)
        return every

    return {
        STATE_DICT: of(weights),
        "optimizers": {name: of(state["optimizer"]) for name, state in groups.items()},
        "schedulers": {name: state["scheduler"] for name, state in groups.items()},
        **trainer.state(),
        **({} if trainer.adapter is None else {BASE: trainer.adapter.base}),
        **({} if trainer.averages is None else {AVERAGES: trainer.averages.state_dict()}),
        "ema_updates": trainer.ema.updates if trainer.ema is not None else 0,
    }


def load_training_state(trainer: Trainer, state: Mapping[str, Any]) -> None:
    """Put a trainer back into a state of `training_state`; everything must fit."""
    if trainer.adapter is not None:
        trainer.adapter.check_base(state)
    for name in saved_modules(trainer):
        load_weights(trainer, name, strip_prefix(state[STATE_DICT], rf"{name}\."))
    if trainer.ema is not None:
        trainer.ema.updates = state["ema_updates"]
    if trainer.averages is not None:
        trainer.averages.load_state_dict(state[AVERAGES])
    trainer.load_state(state)
    for name, group in trainer.groups.items():
        group.load_state_dict({"optimizer": state["optimizers"][name], "scheduler": state["schedulers"][name]})


def take_over(trainer: Trainer, state: Mapping[str, Any]) -> list[str]:
    """Start from the checkpoint of another run: its weights, average, discriminator and optimizers' moments.

    Rates, schedules and weights of losses are those of this run.

    Returns:
        Modules of this run that the checkpoint lacks, which start anew.
    """
    given = state[STATE_DICT]
    names = saved_modules(trainer)
    missing = [name for name in names if not any(key.startswith(f"{name}.") for key in given)]
    for name in names:
        source = MODEL if name == AVERAGE and name in missing else name
        if source not in missing:
            load_weights(trainer, name, strip_prefix(given, rf"{source}\."))
    for name, group in trainer.groups.items():
        if name in state["optimizers"] and ADAPTER not in missing:
            group.take_over(state["optimizers"][name])
    if trainer.ema is not None and AVERAGE not in missing:
        trainer.ema.updates = state["ema_updates"]
    return missing
