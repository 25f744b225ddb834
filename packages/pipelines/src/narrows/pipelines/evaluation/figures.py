"""What is measured on one clip and its reconstruction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from narrows.audio.resampling import resample
from narrows.models import Codec
from narrows.pipelines.evaluation.reconstruction import Reconstruction
from narrows.pipelines.metrics import (
    HIGHER_IS_BETTER,
    CodebookUse,
    Finding,
    available_metrics,
    clicks,
    clipping,
    codebook_use,
    comb_lines,
    measured_delay,
    offset,
)
from narrows.pipelines.metrics.base import value_of


@dataclass(frozen=True)
class ClipFigures:
    """What was measured on a clip."""

    file: str
    seconds: float
    metrics: Mapping[str, float | None]
    """By name, see `narrows.pipelines.metrics`; None where one is not defined for this clip."""
    delay_ms: float
    """By which the reconstruction is late."""
    findings: Mapping[str, Finding]
    """What each detector says."""
    codebooks: tuple[CodebookUse, ...]
    """Use of each codebook in this clip; empty for models without tokens."""
    file_bytes: int
    payload_bytes: int
    coding_seconds: float

    @property
    def faults(self) -> list[str]:
        """Names of the detectors that found something."""
        return [name for name, finding in self.findings.items() if finding.found]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without numbers that JSON lacks."""
        return {
            "file": self.file,
            "seconds": self.seconds,
            "metrics": {name: finite(value) for name, value in self.metrics.items()},
            "delay_ms": self.delay_ms,
            "findings": {
                name: {"found": f.found, "value": finite(f.value), "times": list(f.times)}
                for name, f in self.findings.items()
            },
            "codebooks": [codebook_dict(use) for use in self.codebooks],
            **rates(self.seconds, self.file_bytes, self.payload_bytes, self.coding_seconds),
        }


def measure(
    name: str,
    audio: Tensor,
    made: Reconstruction,
    sample_rate: int,
    model: Codec,
    more: Mapping[str, float | None] | None = None,
) -> ClipFigures:
    """Everything about one clip.

    Args:
        name: of the clip.
        audio: the original `(C, T)`.
        made: of it.
        sample_rate: of both in Hz.
        model: that made it.
        more: metrics that were measured elsewhere, by name.
    """
    uses: list[CodebookUse] = []
    if made.tokens is not None and made.codebook_size is not None:
        uses = codebook_use(made.tokens, made.codebook_size)
    return ClipFigures(
        file=name,
        seconds=audio.shape[-1] / sample_rate,
        metrics={
            title: value_of(title, metric, audio, made.audio, sample_rate)
            for title, metric in available_metrics().items()
        }
        | dict(more or {}),
        delay_ms=1000 * measured_delay(audio, made.audio, sample_rate) / sample_rate,
        findings=detect(audio, made.audio, sample_rate, model),
        codebooks=tuple(uses),
        file_bytes=made.file_bytes,
        payload_bytes=made.payload_bytes,
        coding_seconds=made.coding_seconds,
    )


def detect(reference: Tensor, estimate: Tensor, sample_rate: int, model: Codec) -> dict[str, Finding]:
    """What the detectors find; comb lines are looked for at the model's rate, where its frames are whole samples."""
    return {
        "clicks": clicks(reference, estimate, sample_rate),
        "comb lines": comb_lines(
            _at_rate(reference, sample_rate, model.sample_rate),
            _at_rate(estimate, sample_rate, model.sample_rate),
            model.sample_rate,
            model.downsampling_ratio,
        ),
        "offset": offset(reference, estimate, sample_rate),
        "clipping": clipping(reference, estimate, sample_rate),
    }


def badness(name: str, value: float | None) -> float:
    """A number that is larger the worse a metric's value is; smallest where there is none."""
    if value is None or math.isnan(value):
        return -math.inf
    if name == "loudness_difference":
        return abs(value)
    return -value if name in HIGHER_IS_BETTER else value


def rates(seconds: float, file_bytes: int, payload_bytes: int, coding_seconds: float) -> dict[str, float]:
    """Bitrates, and how many seconds of audio are encoded and decoded in one second."""
    return {
        "kbit_per_second": file_bytes * 8 / seconds / 1000,
        "payload_kbit_per_second": payload_bytes * 8 / seconds / 1000,
        "real_time_factor": seconds / max(coding_seconds, 1e-9),
    }


def codebook_dict(use: CodebookUse) -> dict[str, float]:
    """A codebook's use for JSON."""
    return {"size": use.size, "used": use.used, "entropy": use.entropy, "perplexity": use.perplexity}


def finite(value: float | None) -> float | None:
    """The number, or None where JSON has none for it."""
    return value if value is not None and math.isfinite(value) else None


def _at_rate(audio: Tensor, source_rate: int, target_rate: int) -> Tensor:
    return torch.from_numpy(resample(audio.T.contiguous().numpy(), source_rate, target_rate).T)
