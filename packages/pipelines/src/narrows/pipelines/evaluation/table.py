"""Evaluations as text."""

from __future__ import annotations

from collections.abc import Sequence

from narrows.pipelines.evaluation.figures import ClipFigures, rates
from narrows.pipelines.evaluation.results import Evaluation, ModelEvaluation


def evaluation_table(evaluation: Evaluation) -> str:
    """Every clip of every model, worst first, and below them the totals of all models side by side."""
    parts = [f"{name}\n{_clips(model)}" for name, model in evaluation.models.items()]
    return "\n\n".join([*parts, _totals(evaluation)])


def shown(value: float | None) -> str:
    """A number as text."""
    return "-" if value is None else f"{value:.3f}"


def clip_values(clip: ClipFigures) -> dict[str, float | None]:
    """The numbers of a clip by name."""
    speed = rates(clip.seconds, clip.file_bytes, clip.payload_bytes, clip.coding_seconds)
    values: dict[str, float | None] = {**clip.metrics, "delay_ms": clip.delay_ms, **speed}
    if clip.codebooks:
        values["codebook_perplexity"] = sum(use.perplexity for use in clip.codebooks) / len(clip.codebooks)
    return values


def _clips(model: ModelEvaluation) -> str:
    names = list(clip_values(model.clips[0])) if model.clips else []
    rows = [
        [clip.file, *(shown(value) for value in clip_values(clip).values()), ", ".join(clip.faults) or "none"]
        for clip in model.clips
    ]
    return aligned([["clip", *names, "faults"], *rows])


def _totals(evaluation: Evaluation) -> str:
    totals = {name: model.total for name, model in evaluation.models.items()}
    titles = list(dict.fromkeys(title for total in totals.values() for title in total))
    rows = [[title, *(shown(total.get(title)) for total in totals.values())] for title in titles]
    notes = [
        f"{name}: {metric} leaves out {count} of {len(model.clips)} clips, for which it is not defined"
        for name, model in evaluation.models.items()
        for metric, count in model.left_out.items()
    ]
    return "\n".join([aligned([["total", *totals], *rows]), *notes])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as text in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
