"""What a checkpoint holds of a training: weights, averages, optimizers, schedules, and weights of losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from narrows.models.checkpoints.names import from_file, strip_prefix, to_file
from narrows.training.distributed.sharding import load_whole, whole
from narrows.training.trainers.autoencoder import AutoencoderTraining


def training_state(training: AutoencoderTraining) -> dict[str, Any]:
    """All that has to be saved to go on exactly: see `narrows.training.checkpoints.files`. All processes call it."""
    weights = {
        f"{prefix}.{key}": value
        for prefix, module in _modules(training).items()
        for key, value in to_file(whole(module.state_dict())).items()
    }
    parts = {name: part.state_dict() for name, part in training.parts.items()}
    return {
        "state_dict": weights,
        "optimizers": {name: state["optimizer"] for name, state in parts.items()},
        "schedulers": {name: state["scheduler"] for name, state in parts.items()},
        "losses": training.losses.state_dict(),
        "balance": training.balancer.state_dict() if training.balancer is not None else {},
        "ema_updates": training.ema.updates if training.ema is not None else 0,
    }


def load_training_state(training: AutoencoderTraining, state: Mapping[str, Any]) -> None:
    """Go back to a state of `training_state`; everything must fit."""
    for prefix, module in _modules(training).items():
        _load(module, state, prefix)
    if training.ema is not None:
        training.ema.updates = state["ema_updates"]
    training.losses.load_state_dict(state["losses"])
    if training.balancer is not None:
        training.balancer.load_state_dict(state.get("balance", {}))
    for name, part in training.parts.items():
        part.load_state_dict({"optimizer": state["optimizers"][name], "scheduler": state["schedulers"][name]})


def take_over(training: AutoencoderTraining, state: Mapping[str, Any]) -> list[str]:
    """Start from the checkpoint of another run: its weights, average, discriminator and optimizers' moments.

    Rates, schedules and weights of losses are those of this run.

    Returns:
        What this run has and the checkpoint does not, which starts anew.
    """
    modules = _modules(training)
    missing = [name for name in modules if not any(key.startswith(f"{name}.") for key in state["state_dict"])]
    for prefix, module in modules.items():
        source = "model" if prefix == "ema" and prefix in missing else prefix
        if source not in missing:
            _load(module, state, source)
    for name, part in training.parts.items():
        if name in state["optimizers"]:
            part.take_over(state["optimizers"][name])
    if training.ema is not None and "ema" not in missing:
        training.ema.updates = state["ema_updates"]
    return missing


def _modules(training: AutoencoderTraining) -> dict[str, nn.Module]:
    """What has weights, by its prefix in files."""
    modules: dict[str, nn.Module] = {"model": training.model}
    if training.ema is not None:
        modules["ema"] = training.ema.model
    if training.adversary is not None:
        modules["discriminator"] = training.adversary.module
    return modules


def _load(module: nn.Module, state: Mapping[str, Any], prefix: str) -> None:
    load_whole(module, from_file(strip_prefix(state["state_dict"], rf"{prefix}\.")))
