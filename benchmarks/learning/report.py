"""The results of a study as a table and as a plot."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COLUMNS = {
    "steps": ("steps", "{:.0f}"),
    "ms_a_step": ("ms a step", "{:.0f}"),
    "mel_distance": ("mel distance", "{:.3f}"),
    "stft_distance": ("STFT distance", "{:.3f}"),
    "si_sdr": ("SI-SDR, dB", "{:.2f}"),
    "codebook_use": ("codes used", "{:.1%}"),
    "least_use": ("worst codebook", "{:.1%}"),
    "perplexity_share": ("perplexity of the size", "{:.1%}"),
    "codebook_entropy": ("bits a token", "{:.2f}"),
    "entropy_bitrate": ("bits a second", "{:.0f}"),
    "kl_bitrate": ("bits of KL a second", "{:.0f}"),
}
"""Figures of the table: heading and format."""
PLOTTED = {
    "mel_distance": "mel distance",
    "si_sdr": "SI-SDR, dB",
    "perplexity_share": "perplexity of the codebook's size",
}


def value_of(row: dict[str, Any], name: str) -> float | None:
    """A figure of a result: of the training, or of its last measurement."""
    found = row.get(name, row["checks"][-1].get(name) if row["checks"] else None)
    return None if found is None else float(found)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: the mean of the seeds, and the least and most where there are several."""
    names = [name for name in COLUMNS if any(value_of(row, name) is not None for row in rows)]
    heads = ["arm", "seeds", *(COLUMNS[name][0] for name in names)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for arm in dict.fromkeys(row["arm"] for row in rows):
        own = [row for row in rows if row["arm"] == arm]
        failed = [f"seed {row['seed']}: {row['error']}" for row in own if "error" in row]
        cells = [_cell([value_of(row, name) for row in own], COLUMNS[name][1]) for name in names]
        lines.append(f"| {arm} | {'; '.join([str(len(own)), *failed])} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: Sequence[float | None], form: str) -> str:
    found = [value for value in values if value is not None]
    if not found:
        return ""
    mean = form.format(statistics.fmean(found))
    return mean if len(found) == 1 else f"{mean} ({form.format(min(found))} to {form.format(max(found))})"


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Curves over the processor seconds, one an arm and seed."""
    shown = [name for name in PLOTTED if any(name in check for row in rows for check in row["checks"])]
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    with figure(path, len(shown)) as axes:
        for axis, name in zip(axes, shown, strict=True):
            for row in rows:
                points = [(check["seconds"], check[name]) for check in row["checks"] if name in check]
                first = row is next(other for other in rows if other["arm"] == row["arm"])
                label = row["arm"] if first else None
                axis.plot(*zip(*points, strict=True), color=f"C{arms.index(row['arm']) % 10}", label=label, marker=".")
            axis.set_xlabel("processor seconds")
            axis.set_ylabel(PLOTTED[name])
        axes[0].legend(fontsize="small")


def plot_rates(rows: Sequence[dict[str, Any]], path: Path, name: str = "mel_distance") -> None:
    """Distortion over rate, a curve for each type: codes by their entropy, variational ones by their KL, others beside.

    An arm is called by its type and what sets its rate, e.g. `rvq 4`; one without a rate by its type alone.
    """
    types = list(dict.fromkeys(row["arm"].split(" ")[0] for row in rows))
    with figure(path, 3) as axes:
        for axis, rate in zip(axes, ("entropy_bitrate", "kl_bitrate"), strict=False):
            for index, kind in enumerate(types):
                own = [row for row in rows if row["arm"].split(" ")[0] == kind]
                points = sorted((x, value_of(row, name)) for row in own if (x := value_of(row, rate)))
                if points and (rate == "kl_bitrate") == _continuous(own):
                    style = ("-", "--", ":")[index // 10 % 3]
                    axis.plot(*zip(*points, strict=True), style, color=f"C{index % 10}", label=kind, marker=".")
            axis.set_xscale("log")
            axis.legend(fontsize="x-small")
        bare = [row for row in rows if not any(value_of(row, rate) for rate in ("entropy_bitrate", "kl_bitrate"))]
        axes[2].bar([row["arm"] for row in bare], [value_of(row, name) or 0.0 for row in bare], color="C7")
        axes[2].tick_params(axis="x", rotation=45)
        for axis, about in zip(axes, ("entropy of the codes, bits/s", "KL, bits/s", "no rate"), strict=True):
            axis.set_xlabel(about)
            axis.set_ylabel(PLOTTED[name])


def _continuous(rows: Sequence[dict[str, Any]]) -> bool:
    return all(value_of(row, "entropy_bitrate") is None for row in rows)


@contextmanager
def figure(path: Path, count: int) -> Iterator[Any]:
    """Axes side by side, written when all is drawn."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "narrows"
    drawn, axes = pyplot.subplots(1, count, figsize=(4.5 * count, 4), layout="constrained", squeeze=False)
    yield axes[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, metadata={"Date": None})
    pyplot.close(drawn)
