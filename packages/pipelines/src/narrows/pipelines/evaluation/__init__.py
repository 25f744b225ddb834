"""Evaluation: models reconstruct the files of a folder, and what comes out is measured, listed and shown."""

from narrows.pipelines.evaluation.figures import ClipFigures
from narrows.pipelines.evaluation.page import evaluation_report
from narrows.pipelines.evaluation.reconstruction import Reconstruction, reconstruct
from narrows.pipelines.evaluation.results import Evaluation, ModelEvaluation
from narrows.pipelines.evaluation.run import evaluate
from narrows.pipelines.evaluation.saving import SavedClips
from narrows.pipelines.evaluation.stability import code_stability
from narrows.pipelines.evaluation.table import evaluation_table

__all__ = [
    "ClipFigures",
    "Evaluation",
    "ModelEvaluation",
    "Reconstruction",
    "SavedClips",
    "code_stability",
    "evaluate",
    "evaluation_report",
    "evaluation_table",
    "reconstruct",
]
