"""The throughput that a training records, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

START, END = "throughput/", "_per_second"
"""Names of rates in the metrics begin and end so."""
SHARE = f"{START}matrix_rate_share"
"""Share of the floating-point operations a second that a product of large matrices reaches on the same devices."""


def typical(records: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The median of each figure of throughput in the records of a run."""
    found: dict[str, list[float]] = {}
    for record in records:
        for name, value in record.items():
            if name.startswith(START) and value is not None:
                found.setdefault(name, []).append(value)
    return {name: median(values) for name, values in found.items()}


def in_words(values: Mapping[str, float]) -> str:
    """Rates for people, e.g. `12 items/s, 190 latent_frames/s, 41 GFLOP/s (62 %)`."""
    rates = {name[len(START) : -len(END)]: value for name, value in values.items() if name.endswith(END)}
    flops, share = rates.pop("flops", None), values.get(SHARE)
    parts = [f"{_short(value)} {name.replace('_', ' ')}/s" for name, value in rates.items()]
    if flops is not None and share is not None:
        parts.append(f"{_short(flops / 1e9)} GFLOP/s ({share:.0%} of the matrix rate)")
    return ", ".join(parts)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
