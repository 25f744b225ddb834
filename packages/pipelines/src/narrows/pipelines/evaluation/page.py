"""Evaluations as a page: totals side by side, and the worst clips to listen to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from narrows.pipelines.evaluation.results import Evaluation, Heard
from narrows.pipelines.evaluation.table import clip_values, shown
from narrows.pipelines.report.clips import Audio, Clip
from narrows.pipelines.report.page import Report

FILES_SHOWN = 5
"""Files that a note names; the JSON has all."""


@dataclass
class ComparedClip(Clip):
    """A clip with what several models made of it; `reconstruction` is that of the first."""

    others: dict[str, Audio] = field(default_factory=dict)

    @cached_property
    def versions(self) -> dict[str, Audio]:
        """The original, then each model's reconstruction and its difference."""
        versions = dict(super().versions)
        for name, audio in self.others.items():
            versions |= {name: audio, f"{name}, difference": audio - self.original}
        return versions


def evaluation_report(evaluation: Evaluation, title: str = "Evaluation") -> Report:
    """What `write_report` shows of an evaluation."""
    totals = {name: model.total for name, model in evaluation.models.items()}
    titles = list(dict.fromkeys(title for total in totals.values() for title in total))
    return Report(
        title=title,
        summary={title: [shown(total.get(title)) for total in totals.values()] for title in titles},
        columns=list(totals),
        clips=[_clip(evaluation, heard) for heard in evaluation.heard],
        notes=[
            f"Compared at {evaluation.sample_rate} Hz; clips are sorted by {evaluation.rank_by} of the first model, "
            "worst first.",
            *_faults(evaluation),
            *(f"Passed over {name}: {reason}" for name, reason in evaluation.skipped.items()),
        ],
    )


def _clip(evaluation: Evaluation, heard: Heard) -> ComparedClip:
    metrics: dict[str, float] = {}
    for name, model in evaluation.models.items():
        figures = next(clip for clip in model.clips if clip.file == heard.name)
        prefix = f"{name}: " if len(evaluation.models) > 1 else ""
        metrics |= {f"{prefix}{title}": value for title, value in clip_values(figures).items() if value is not None} | {
            f"{prefix}{fault}": figures.findings[fault].value for fault in figures.faults
        }
    first, *others = (audio.numpy() for audio in heard.reconstructions.values())
    names = list(heard.reconstructions)[1:]
    return ComparedClip(
        heard.name,
        heard.original.numpy(),
        first,
        evaluation.sample_rate,
        metrics,
        dict(zip(names, others, strict=True)),
    )


def _faults(evaluation: Evaluation) -> list[str]:
    """A line for each model and fault, with the files and the first place in them."""
    lines = []
    for name, model in evaluation.models.items():
        for fault in dict.fromkeys(fault for clip in model.clips for fault in clip.faults):
            found = [(clip.file, clip.findings[fault].times) for clip in model.clips if clip.findings[fault].found]
            places = [f"{file} at {times[0]:.2f} s" if times else file for file, times in found[:FILES_SHOWN]]
            more = f" and {len(found) - FILES_SHOWN} more" if len(found) > FILES_SHOWN else ""
            lines.append(f"{name}: {fault} in {len(found)} of {len(model.clips)} clips: {', '.join(places)}{more}")
    return lines
