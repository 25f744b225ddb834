"""The results as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = {
    "accuracy": "class accuracy",
    "frechet": "Fréchet distance",
    "pitch_error": "pitch error, median",
    "inside": "energy inside",
    "end_error": "end off by, s, median",
}


def table(results: Mapping[str, Any]) -> str:
    """Markdown: what was trained for how long, and what was measured."""
    ceiling = results["codec"]["ceiling"]
    trained = ["| trained | steps | processor minutes |\n|---|---|---|", _trained("codec", results["codec"])]
    rows = [_row(name, found, "") for name, found in ceiling.items()]
    for seed, stages in results.items():
        if seed != "codec":
            for name, found in stages.items():
                trained.append(_trained(f"{name}, {seed}", found))
                rows += _rows(seed, name, found)
    head = f"| sounds | guidance | {' | '.join(COLUMNS.values())} |\n|{'---|' * (len(COLUMNS) + 2)}"
    return "\n".join([*trained, "", head, *rows]) + "\n"


def _rows(seed: str, stage: str, found: Mapping[str, Any]) -> list[str]:
    scale = f"{found['scale']:g}" if "scale" in found else ""
    tests = {name: value for name, value in found.items() if isinstance(value, dict) and "accuracy" in value}
    rows = [_row(f"{stage}, {seed}: {name}", value, scale) for name, value in tests.items()]
    tried = found.get("validation", {})
    return [_row(f"{stage}, {seed}: validation", value, own) for own, value in tried.items()] + rows


def _row(name: str, found: Mapping[str, float], scale: str) -> str:
    cells = [f"{found[column]:.4g}" if column in found else "" for column in COLUMNS]
    return f"| {name} | {scale} | {' | '.join(cells)} |"


def _trained(name: str, found: Mapping[str, Any]) -> str:
    return f"| {name} | {found['steps']} | {found['processor_seconds'] / 60:.1f} |"
