"""What an evaluation gives: figures of every clip, totals, the worst clips, and the files passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from narrows.pipelines.evaluation.figures import ClipFigures, codebook_dict, finite, rates
from narrows.pipelines.metrics import CodebookUse


@dataclass
class ModelEvaluation:
    """One model on all clips."""

    sample_rate: int
    """Of the model in Hz."""
    clips: list[ClipFigures] = field(default_factory=list)
    codebooks: Sequence[CodebookUse] = ()
    """Use of each codebook over all clips; empty for models without tokens."""
    frechet_distance: float | None = None
    """Of all originals and all reconstructions; None for less than two embeddings."""
    kernel_distance: float | None = None

    @property
    def total(self) -> dict[str, float | None]:
        """Means over clips where a metric is finite; bitrates and speed over the joined clips."""
        values: dict[str, float | None] = {name: self._mean(name) for name in self._names}
        values["delay_ms"] = _mean([clip.delay_ms for clip in self.clips])
        values["frechet_distance"], values["kernel_distance"] = self.frechet_distance, self.kernel_distance
        values["clips_with_faults"] = float(sum(bool(clip.faults) for clip in self.clips))
        if self.codebooks:
            values["codebook_used"] = _mean([use.used for use in self.codebooks])
            values["codebook_perplexity"] = _mean([use.perplexity for use in self.codebooks])
        sums = [
            sum(getattr(clip, name) for clip in self.clips)
            for name in ("seconds", "file_bytes", "payload_bytes", "coding_seconds")
        ]
        return {**values, **(rates(*sums) if self.clips else {})}

    @property
    def left_out(self) -> dict[str, int]:
        """How many clips each metric is not defined for, e.g. silent originals; their means leave them out."""
        counts = {name: sum(finite(clip.metrics[name]) is None for clip in self.clips) for name in self._names}
        return {name: count for name, count in counts.items() if count}

    @property
    def _names(self) -> list[str]:
        return list(self.clips[0].metrics) if self.clips else []

    def _mean(self, name: str) -> float | None:
        return _mean([value for clip in self.clips if (value := finite(clip.metrics[name])) is not None])


@dataclass
class Heard:
    """A clip that can be listened to: the original and what each model made of it."""

    name: str
    original: Tensor
    reconstructions: dict[str, Tensor]
    badness: float


@dataclass
class Evaluation:
    """One or several models on the same clips."""

    sample_rate: int
    """At which everything was compared, in Hz."""
    models: dict[str, ModelEvaluation]
    rank_by: str
    """Metric that sorts the clips."""
    heard: list[Heard] = field(default_factory=list)
    """The worst clips, worst first."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Files passed over, and why."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "sample_rate": self.sample_rate,
            "rank_by": self.rank_by,
            "models": {
                name: {
                    "sample_rate": model.sample_rate,
                    "total": {title: finite(value) for title, value in model.total.items()},
                    "left_out": model.left_out,
                    "codebooks": [codebook_dict(use) for use in model.codebooks],
                    "clips": [clip.as_dict() for clip in model.clips],
                }
                for name, model in self.models.items()
            },
            "skipped": self.skipped,
        }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
