"""Evaluation: models reconstruct the files of a folder, and what comes out is measured, listed and shown."""

from narrows.training.evaluation.figures import ClipFigures
from narrows.training.evaluation.page import evaluation_report
from narrows.training.evaluation.reconstruction import Reconstruction, reconstruct
from narrows.training.evaluation.results import Evaluation, ModelEvaluation
from narrows.training.evaluation.run import evaluate
from narrows.training.evaluation.table import evaluation_table

__all__ = [
    "ClipFigures",
    "Evaluation",
    "ModelEvaluation",
    "Reconstruction",
    "evaluate",
    "evaluation_report",
    "evaluation_table",
    "reconstruct",
]
