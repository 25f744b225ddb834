"""Checkpoints: reading ours and foreign ones, strictly, and writing model folders, atomically."""

from narrows.models.checkpoints.convert import convert
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.folder import load_model, save_model
from narrows.models.checkpoints.load import LoadReport, load_checkpoint

__all__ = ["CheckpointError", "LoadReport", "convert", "load_checkpoint", "load_model", "save_model"]
