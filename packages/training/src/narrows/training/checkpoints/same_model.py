"""Whether a checkpoint belongs to the model file that a run has now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from narrows.configs import load_config
from narrows.models import CheckpointError
from narrows.models.checkpoints.training_format import CONFIG


def check_same_model(state: Mapping[str, Any], model_config: str, where: str) -> None:
    """A run is resumed only with the model file that it was started with.

    Args:
        state: of the checkpoint.
        model_config: the model file now, as JSON text.
        where: the checkpoint, for the message.

    Raises:
        CheckpointError: something differs that would change the course of the training; the message names it.
    """
    before, now = (_comparable(text) for text in (state[CONFIG], model_config))
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
