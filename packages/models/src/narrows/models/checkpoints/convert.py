"""From any accepted checkpoint to a model folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from narrows.configs import load_config
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.folder import config_of, save_model
from narrows.models.checkpoints.load import LoadReport, load_content
from narrows.models.checkpoints.reading import read_tensors
from narrows.models.checkpoints.sources import Weights


def convert(
    checkpoint: str | Path,
    config: Mapping[str, Any] | str | Path | BaseModel | None,
    folder: str | Path,
    *,
    prefer: Weights = "ema",
    license: str | None = None,
    training_data: str | None = None,
) -> LoadReport:
    """Write a model folder of a checkpoint.

    Args:
        checkpoint: any file that `load_checkpoint` accepts.
        config: the model file; None for training checkpoints of this library, which hold theirs.
        folder: replaced when it exists, and only after everything fits.
        prefer: `ema` or `raw`, for files that have both.
        license: note on the licence of the weights, kept in the folder; None keeps what the configuration says.
        training_data: note on what the weights were trained on, likewise.

    Raises:
        ConfigError: the configuration is wrong.
        CheckpointError: the weights do not fit it, or there is no configuration.
    """
    from narrows.models.factory import create_model_from_config

    content = read_tensors(Path(checkpoint))
    document = config_of(content) if config is None else config
    if document is None:
        raise CheckpointError(f"{checkpoint} holds no configuration; give the model file it belongs to")
    typed = load_config(document, "model")
    notes = {"license": license, "training_data": training_data}
    typed = typed.model_copy(update={key: note for key, note in notes.items() if note is not None})
    model = create_model_from_config(typed)
    report = load_content(model, content, str(checkpoint), prefer)
    save_model(model, folder)
    return report
