"""Weights in files: reading ours and those of other libraries, strictly and without running code."""

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.load import LoadReport, load_checkpoint

__all__ = ["CheckpointError", "LoadReport", "load_checkpoint"]
