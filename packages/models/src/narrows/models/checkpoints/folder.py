"""Model folders: `model_config.json` and `model.safetensors`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from narrows.configs import load_config
from narrows.models.checkpoints.atomic import atomic_folder
from narrows.models.checkpoints.load import load_checkpoint
from narrows.models.checkpoints.names import to_file

CONFIG = "model_config.json"
WEIGHTS = "model.safetensors"


def save_model(model: nn.Module, folder: str | Path) -> Path:
    """Write a model's configuration and weights; the folder appears whole or not at all.

    Args:
        model: a model of `create_model_from_config`, whose `config` is written with it.
        folder: replaced when it exists.
    """
    config = getattr(model, "config", None)
    if config is None:
        raise ValueError("save_model needs a model of create_model_from_config: this one has no `config`")
    folder = Path(folder)
    with atomic_folder(folder) as temporary:
        document = config.model_dump(mode="json", by_alias=True, exclude_unset=True)
        (temporary / CONFIG).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        weights = {key: value.detach().cpu().contiguous() for key, value in to_file(model.state_dict()).items()}
        save_file(weights, temporary / WEIGHTS, metadata={"format": "pt"})
    return folder


def load_model(folder: str | Path) -> Any:
    """The model of a `save_model` folder, in eval mode.

    Raises:
        ConfigError: its configuration is wrong.
        CheckpointError: its weights do not fit.
    """
    from narrows.models.factory import create_model_from_config

    folder = Path(folder)
    model = create_model_from_config(load_config(folder / CONFIG, "model"))
    load_checkpoint(model, folder / WEIGHTS)
    return model.eval()
