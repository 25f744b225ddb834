"""What the user means by MODEL or CONFIG on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.cli.main import UserError


def model_document(path: Path) -> dict[str, Any]:
    """The model configuration in a model file, an experiment file or a save_model folder."""
    from narrows.configs import read_document

    if path.is_dir():
        path = path / "model_config.json"
    if not path.is_file():
        raise UserError(f"No such file: {path}")
    document = read_document(path).data
    if isinstance(document, dict) and "experiment" in document:
        model = document.get("model_config")
        document = read_document(path.parent / model).data if isinstance(model, str) else model
    if not isinstance(document, dict):
        raise UserError(f"{path} holds no model configuration")
    return document
