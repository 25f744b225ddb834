"""Keep the curves of a run as the reference of its preset.

    python tools/reference_curves.py RUN_FOLDER NAME "what data, batch and machine"

They are drawn behind the curves of every later run with the same model.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from narrows.configs import load_config
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.report.references import FOLDER, fingerprint, thinned
from narrows.pipelines.report.training_run import curves


def main(run: str, name: str, about: str) -> None:
    """Write `references/NAME.json`."""
    folder = Path(run)
    experiment = load_config(folder / "experiment.json", "experiment")
    groups = curves(list(read_metrics(folder / "metrics.jsonl")))
    document = {
        "about": about,
        "model": fingerprint(experiment.model_config_),
        "curves": {
            title: {name: thinned(points) for name, points in group.items()} for title, group in groups.items() if group
        },
    }
    text = json.dumps(document, separators=(",", ":"))
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
