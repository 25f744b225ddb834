"""What is known about the files of a folder, as text, data and a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from narrows.data.errors import shown

LENGTHS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""Bounds of the classes of lengths, in seconds."""


@dataclass(frozen=True)
class FileReport:
    """One file that can be read."""

    path: str
    """Relative to the folder."""
    seconds: float
    sample_rate: int
    channels: int
    format: str
    peak_db: float
    """Relative to full scale."""
    loudness: float
    """LUFS, of the first ten minutes."""
    clipped: float
    """Share of samples at full scale in runs of three or more."""
    silent: float
    """Share of time below -60 dB."""
    offset: float
    """Mean of the samples."""
    digest: str
    """Of the decoded samples, so that copies in another format are found too."""
    note: str = ""
    """What is wrong with it all the same."""

    @property
    def remarks(self) -> list[str]:
        """What a user may want to know before training on it."""
        found = [self.note] if self.note else []
        if self.silent > 0.999:
            found.append("silent")
        elif self.silent > 0.5:
            found.append(f"{self.silent:.0%} silence")
        if self.clipped > 0.0005:
            found.append(f"clipped ({self.clipped:.2%} of the samples)")
        if abs(self.offset) > 0.01:
            found.append(f"constant offset {self.offset:+.3f}")
        return found


@dataclass
class FolderReport:
    """A whole folder."""

    folder: str
    files: list[FileReport] = field(default_factory=list)
    bad: dict[str, str] = field(default_factory=dict)
    """Files that cannot be read, with reasons."""
    others: dict[str, int] = field(default_factory=dict)
    """How many files of other endings there are, by ending."""
    columns: list[str] = field(default_factory=list)
    """Columns of Parquet files that are metadata."""

    @property
    def hours(self) -> float:
        """Length of all readable files together."""
        return sum(file.seconds for file in self.files) / 3600

    @property
    def duplicates(self) -> list[list[str]]:
        """Groups of files with the same samples."""
        groups: dict[str, list[str]] = {}
        for file in self.files:
            groups.setdefault(file.digest, []).append(file.path)
        return [group for group in groups.values() if len(group) > 1]

    def counts(self) -> dict[str, list[tuple[str, int, float]]]:
        """Files and seconds by rate, channels, format and length."""
        return {
            "sample rate (Hz)": self._by(lambda f: (f.sample_rate, str(f.sample_rate))),
            "channels": self._by(lambda f: (f.channels, str(f.channels))),
            "format": self._by(lambda f: (f.format, f.format)),
            "length (s)": self._by(_length_class),
        }

    def summary(self) -> list[tuple[str, str]]:
        """The figures at the top."""
        loud = sorted(f.loudness for f in self.files if f.loudness > -70)
        remarked = sum(bool(f.remarks) for f in self.files)
        return [
            ("readable files", str(len(self.files))),
            ("unreadable files", str(len(self.bad))),
            ("other files", self._others()),
            ("length", f"{self.hours:.2f} h"),
            ("median loudness", f"{loud[len(loud) // 2]:.1f} LUFS" if loud else "-"),
            ("files with remarks", str(remarked)),
            ("groups of duplicates", str(len(self.duplicates))),
            *([("metadata", ", ".join(self.columns))] if self.columns else []),
        ]

    def _others(self) -> str:
        kinds = ", ".join(f"{count} {ending or 'without ending'}" for ending, count in sorted(self.others.items()))
        return f"{sum(self.others.values())} ({kinds})" if kinds else "0"

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON; figures that are infinite are null."""
        files = [
            {k: None if v in (float("inf"), -float("inf")) else v for k, v in asdict(f).items()} for f in self.files
        ]
        return {
            "folder": self.folder,
            "summary": dict(self.summary()),
            "files": files,
            "bad": self.bad,
            "others": self.others,
            "duplicates": self.duplicates,
        }

    def table(self) -> str:
        """For a terminal."""
        lines = [f"{name:22}{value}" for name, value in self.summary()]
        for title, rows in self.counts().items():
            lines += ["", f"{title:22}{'files':>7}{'seconds':>12}"]
            lines += [f"  {name:20}{files:7}{seconds:12.1f}" for name, files, seconds in rows]
        lines += _listed("remarks", [(f.path, "; ".join(f.remarks)) for f in self.files if f.remarks])
        lines += _listed("duplicates", [(g[0], "same as " + ", ".join(map(shown, g[1:]))) for g in self.duplicates])
        lines += _listed("unreadable", list(self.bad.items()))
        return "\n".join(lines)

    def html(self) -> str:
        """One page that needs nothing else."""
        environment = Environment(
            loader=PackageLoader("narrows.data.folders"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.filters["shown"] = shown
        rows = [_row(file) for file in self.files]
        return environment.get_template("folder.html").render(report=self, rows=rows)

    def _by(self, kind: Any) -> list[tuple[str, int, float]]:
        files: Counter[Any] = Counter()
        seconds: Counter[Any] = Counter()
        for file in self.files:
            files[kind(file)] += 1
            seconds[kind(file)] += file.seconds  # type: ignore[assignment]
        return [(name, files[order, name], seconds[order, name]) for order, name in sorted(files)]


def _row(f: FileReport) -> tuple[Any, ...]:
    figures = (f"{f.seconds:.2f}", f.sample_rate, f.channels, f.format, f"{f.peak_db:.1f}", f"{f.loudness:.1f}")
    return (shown(f.path), *figures, f"{f.silent:.0%}", f"{f.clipped:.2%}", "; ".join(f.remarks))


def _listed(title: str, rows: Sequence[tuple[str, str]], limit: int = 50) -> list[str]:
    if not rows:
        return []
    lines = ["", f"{title} ({len(rows)})", *(f"  {shown(path)}: {what}" for path, what in rows[:limit])]
    return [*lines, f"  ... and {len(rows) - limit} more"] if len(rows) > limit else lines


def _length_class(file: FileReport) -> tuple[int, str]:
    order = sum(file.seconds >= bound for bound in LENGTHS)
    if order == 0:
        return 0, f"below {LENGTHS[0]:g}"
    if order == len(LENGTHS):
        return order, f"from {LENGTHS[-1]:g}"
    return order, f"{LENGTHS[order - 1]:g} to {LENGTHS[order]:g}"
