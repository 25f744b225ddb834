"""The page: everything in one HTML file that opens from disk, without a network."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from jinja2 import Environment, PackageLoader, StrictUndefined

from narrows.configs.files import atomic_file
from narrows.pipelines.own_version import own_version
from narrows.pipelines.report.clips import Clip, Sound
from narrows.pipelines.report.pictures import curves_svg

Curves = Mapping[str, Sequence[tuple[float, float]]]


@dataclass
class Report:
    """What a report shows; empty parts are left out.

    Args:
        title: of the page.
        summary: values by name, e.g. metrics before and after; each value may be a row of several columns.
        columns: names of those columns.
        curves: groups of curves over steps: title to name to points `(step, value)`.
        behind: curves to compare with, by the same titles and names.
        clips: originals and reconstructions, or sounds by themselves, in the order shown.
        notes: lines of text, e.g. files that were skipped.
        config: text of the resolved configuration.
    """

    title: str
    summary: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    columns: Sequence[str] = ()
    curves: Mapping[str, Curves] = field(default_factory=dict)
    behind: Mapping[str, Curves] = field(default_factory=dict)
    clips: Sequence[Clip | Sound] = ()
    notes: Sequence[str] = ()
    config: str = ""

    @property
    def compares(self) -> bool:
        """Whether a clip has versions to switch between."""
        return any(len(clip.versions) > 1 for clip in self.clips)

    @property
    def pictures(self) -> list[str]:
        """The curves as SVG pictures."""
        return [
            curves_svg(_lists(group), title, _lists(self.behind.get(title, {})))
            for title, group in self.curves.items()
            if group
        ]


def _lists(group: Curves) -> dict[str, list[tuple[float, float]]]:
    return {name: list(points) for name, points in group.items()}


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    return {
        "narrows": own_version(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads",
    }


def write_report(report: Report, path: str | Path) -> Path:
    """Write the page; the file appears whole or not at all."""
    environment = Environment(
        loader=PackageLoader("narrows.pipelines.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    text = environment.get_template("report.html").render(report=report, versions=versions())
    path = Path(path)
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
