"""What a checkpoint holds, taken from a running training and put back into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightning_fabric import Fabric

from narrows.configs import load_config
from narrows.models import CheckpointError
from narrows.training.checkpoints.contents import load_training_state, training_state
from narrows.training.checkpoints.rng import rng_state, set_rng_state
from narrows.training.data_iterator import Batches
from narrows.training.non_finite import Guard
from narrows.training.trainers.autoencoder import AutoencoderTraining


def capture(
    fabric: Fabric,
    training: AutoencoderTraining,
    batches: Batches,
    step: int,
    guard: Guard,
    texts: Mapping[str, str],
) -> dict[str, Any]:
    """The state of a run, as a checkpoint holds it. All processes call it: each adds its generators."""
    return {
        **texts,
        "step": step,
        **training_state(training),
        "scaler": fabric.strategy.precision.state_dict(),
        "skipped_steps": guard.skipped,
        "rng": _of_all_processes(fabric, rng_state()),
        "loader": batches.state_dict(),
    }


def restore(
    state: Mapping[str, Any], fabric: Fabric, training: AutoencoderTraining, batches: Batches, guard: Guard
) -> int:
    """Put a run back into a state of `capture`; the steps done.

    With another number of processes than before, the generators of new processes keep their seed.
    """
    load_training_state(training, state)
    fabric.strategy.precision.load_state_dict(state["scaler"])
    guard.skipped = state["skipped_steps"]
    batches.load_state_dict(state["loader"])
    if fabric.global_rank < len(state["rng"]):
        set_rng_state(state["rng"][fabric.global_rank])
    return int(state["step"])


def check_same_model(state: Mapping[str, Any], model_config: str, where: str) -> None:
    """A run is resumed with the model file it was started with.

    Args:
        state: of the checkpoint.
        model_config: the model file now, as JSON text.
        where: the run, for the message.

    Raises:
        CheckpointError: something differs that would change the course of the training; the message names it.
    """
    before, now = (_comparable(text) for text in (state["config"], model_config))
    different = _differences(before, now, "")
    if different:
        raise CheckpointError(
            f"{where} was trained with another model file: {', '.join(different)} differ. Choose another `name`, or "
            "give the old checkpoint as `ckpt_path` to go on from it in a new run"
        )


def _comparable(text: str) -> dict[str, Any]:
    """A model file with its defaults written out, so that options added by a later release make no difference."""
    config: dict[str, Any] = load_config(text, "model").model_dump(mode="json")
    config["training"].pop("demo", None)
    return config


def _differences(old: Any, new: Any, pointer: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [d for key in keys for d in _differences(old.get(key), new.get(key), f"{pointer}/{key}")]
    return [] if old == new else [pointer]


def _of_all_processes(fabric: Fabric, value: Any) -> list[Any]:
    if fabric.world_size == 1:
        return [value]
    import torch.distributed as dist

    gathered: list[Any] = [None] * fabric.world_size
    dist.all_gather_object(gathered, value)
    return gathered
