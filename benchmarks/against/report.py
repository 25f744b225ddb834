"""The results as a table, as JSON and as a plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START, END = "<!-- table of benchmarks/references.py -->", "<!-- end of the table -->"
HEAD = "| case | way | seconds (least to most) | times the reference (least to most) | of the matrix peak | checked |"


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    return "\n".join([HEAD, "|---|---|---|---|---|---|", *map(_line, rows)])


def _line(row: dict[str, Any]) -> str:
    seconds = f"{row['seconds']:.3f} ({row['least']:.3f} to {row['most']:.3f})"
    ratio = f"{row['ratio']:.2f} ({row['least_ratio']:.2f} to {row['most_ratio']:.2f})"
    peak = f"{row['share_of_peak']:.0%}, {row['rate'] / 1e9:.0f} GFLOP/s" if "rate" in row else ""
    return f"| {row['case']} | {row['way']} | {seconds} | {ratio} | {peak} | {_checked(row)} |"


def _checked(row: dict[str, Any]) -> str:
    if "note" in row:
        return str(row["note"])
    if "snr_db" in row:
        saved = f"; {row['arithmetic_saved']:.1%} of the arithmetic saved" if row.get("arithmetic_saved") else ""
        return f"{row['snr_db']:.1f} dB, largest difference {row['largest_difference']:.1e}{saved}"
    if "equal_codes" in row:
        return f"{row['equal_codes']:.4%} of the codes equal"
    parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in row["parts"].items())
    return f"first loss {row['first_loss']:.6f}; peak {row['peak_bytes'] / 2**30:.2f} GiB; {parts}"


def write(result: dict[str, Any], docs: Path) -> None:
    """Keep the results: `speed/references.json`, a plot beside it, and the table of `speed.md`."""
    folder = docs / "speed"
    folder.mkdir(exist_ok=True)
    (folder / "references.json").write_text(json.dumps(result, indent=1) + "\n")
    plot(result["rows"], folder / "references.svg")
    page = docs / "speed.md"
    before, _, rest = page.read_text().partition(START)
    page.write_text(
        f"{before}{START}\n{_about(result['machine'])}\n\n{table(result['rows'])}\n{END}{rest.partition(END)[2]}"
    )


def _about(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    rates = ", ".join(f"{name} {rate / 1e9:.0f} GFLOP/s" for name, rate in machine["matrix_peak"].items())
    where = f"{machine['device']}, {machine['threads']} threads, Python {machine['python']}, {machine['date']}"
    return f"{where}; {machine['rounds']} interleaved rounds; matrix peak {rates}; {versions}."


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Bars of the ratios."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    ours = [row for row in rows if row["way"].startswith("narrows")]
    names = [f"{row['case']}, {row['way'].removeprefix('narrows ')}" for row in ours]
    figure, axes = pyplot.subplots(figsize=(8, 0.35 * len(ours) + 1), layout="constrained")
    middle = [row["ratio"] for row in ours]
    spread = [
        [row["ratio"] - row["least_ratio"] for row in ours],
        [row["most_ratio"] - row["ratio"] for row in ours],
    ]
    axes.barh(names, middle, xerr=spread)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.invert_yaxis()
    axes.set_xlabel("times as fast as the reference in float32; whiskers: least and most of the rounds")
    figure.savefig(path)
