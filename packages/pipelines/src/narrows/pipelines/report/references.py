"""Reference curves: how a training of a shipped preset went, to see beside one's own.

Each file in `references/` holds the curves of one real run and what was run: `tools/reference_curves.py` writes it from
a run's folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Points = list[tuple[float, float]]
FOLDER = Path(__file__).with_name("references")
MOST_POINTS = 60


@dataclass(frozen=True)
class Reference:
    """A real run of a preset."""

    name: str
    """Of the preset."""
    about: str
    """Data, batch and machine, in words."""
    curves: dict[str, dict[str, Points]]
    """As `narrows.pipelines.report.training_run.curves` gives them."""


def fingerprint(model_config: Any) -> str:
    """What makes two model files the same model: rate and the parts with the options that are not defaults.

    Args:
        model_config: a typed model file.
    """
    parts = {"sample_rate": model_config.sample_rate, "model": _parts(model_config.model)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def reference_for(model_config: Any) -> Reference | None:
    """The reference of a model, or None where no preset has it."""
    wanted = fingerprint(model_config)
    for path in sorted(FOLDER.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["model"] == wanted:
            return Reference(path.stem, document["about"], document["curves"])
    return None


def _parts(model: Any) -> Any:
    return model.model_dump(mode="json", exclude_defaults=True)


def thinned(points: Points) -> Points:
    """At most so many points as a picture needs, the first and the last among them; rounded."""
    step = max(1, -(-(len(points) - 1) // (MOST_POINTS - 1)))
    kept = points[:-1:step] + points[-1:]
    return [(where, float(f"{value:.4g}")) for where, value in kept]
