"""Evaluations of language models as text and as a page."""

from __future__ import annotations

from collections.abc import Mapping

from narrows.pipelines.evaluation.language_models import LMEvaluation
from narrows.pipelines.evaluation.table import aligned, shown
from narrows.pipelines.report.clips import Sound
from narrows.pipelines.report.page import Report

BASELINES = (
    "The baselines are n-grams of half of the clips, measured on the other half, and the other way round: `bigram` "
    "sees the frame before, `bigram_codebook` the codebook before in the same frame."
)


def language_model_table(evaluations: Mapping[str, LMEvaluation]) -> str:
    """All figures of all models side by side."""
    totals = {name: evaluation.total for name, evaluation in evaluations.items()}
    titles = list(dict.fromkeys(title for total in totals.values() for title in total))
    return aligned(
        [["total", *totals], *([title, *(shown(total.get(title)) for total in totals.values())] for title in titles)]
    )


def language_model_report(evaluations: Mapping[str, LMEvaluation], rates: Mapping[str, int]) -> Report:
    """What `write_report` shows: the figures, and the generated sounds.

    Args:
        evaluations: by the name of the model.
        rates: sample rate of each in Hz.
    """
    totals = {name: evaluation.total for name, evaluation in evaluations.items()}
    titles = list(dict.fromkeys(title for total in totals.values() for title in total))
    several = len(evaluations) > 1
    skipped = {name: why for evaluation in evaluations.values() for name, why in evaluation.skipped.items()}
    return Report(
        title="Evaluation",
        summary={title: [shown(total.get(title)) for total in totals.values()] for title in titles},
        columns=list(totals),
        clips=[
            Sound(f"{name}: {asked}" if several else asked, sound.numpy(), rates[name])
            for name, evaluation in evaluations.items()
            for asked, sound in evaluation.sounds
            if sound.shape[-1]
        ],
        notes=[BASELINES, *(f"Passed over {name}: {why}" for name, why in skipped.items())],
    )
