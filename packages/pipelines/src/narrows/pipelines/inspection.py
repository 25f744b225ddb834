"""Looking into the files of a folder on a Ray cluster; what is found is what one process finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import torch

from narrows.data.folders.inspect import FolderLook
from narrows.data.folders.looking import tried
from narrows.data.folders.report import FileReport
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.progress import Progress

FILES = 16
"""Files of a unit: asking for each alone takes longer than looking into a short one."""


class Files(NamedTuple):
    """Files that one worker looks into."""

    number: int
    names: tuple[str, ...]


class Found(NamedTuple):
    """What became of them."""

    number: int
    reports: list[FileReport | str]
    """Of each what it is like, or why it cannot be read."""


@final
@dataclass(frozen=True)
class InspectionJob:
    """Looks into files; its units are a few each.

    Args:
        look: into a file of the folder.
    """

    look: FolderLook

    stages = ("", "read")
    block_bytes = 0

    def reader(self) -> None:
        """A worker reads in blocks what it looks at."""

    def worker(self, device: torch.device, threads: int) -> FileInspector:
        """Without a model."""
        return FileInspector(self.look, Kind.here(device, threads))

    def seconds_of(self, block: object) -> float:
        """There are no blocks."""
        return 0.0

    def sizes_of(self, units: Sequence[Files]) -> list[float]:
        """None: they are not known before files are opened, and results are wanted in their order."""
        return []

    def item_names(self, unit: Files) -> Sequence[str]:
        """Of the files."""
        return unit.names


@final
class FileInspector:
    """Looks into files.

    Args:
        look: see `InspectionJob`.
        kind: of this process.
    """

    def __init__(self, look: FolderLook, kind: Kind) -> None:
        self._look, self.kind = look, kind

    def work(self, unit: Files, blocks: Iterator[object], attempt: Attempt) -> Found | None:
        """Look into each file, but for those that killed workers, which are as those that cannot be read."""
        reports: list[FileReport | str] = []
        if not attempt.careful:
            attempt.holds(unit.names)
        for name in unit.names:
            if name in attempt.aside:
                reports.append(attempt.aside[name])
                continue
            if attempt.careful:
                attempt.holds([name])
            reports.append(tried(self._look, name))
        if not attempt.may_commit():
            return None
        attempt.advance(len(reports), sum(found.seconds for found in reports if isinstance(found, FileReport)))
        return Found(unit.number, reports)


def looked_into_on_ray(cluster: Cluster, look: FolderLook, names: Sequence[str]) -> Iterator[FileReport | str]:
    """Look into files on a cluster.

    Args:
        cluster: that works; its processors, as nothing here needs a GPU.
        look: into a file of the folder, which all machines see under its path or address.
        names: of the files.

    Yields:
        Of each file what it is like, or why it cannot be read, in the order of `names`; what is ready before its turn
        waits here.

    Raises:
        EngineError: the cluster, or its workers, cannot be used.
    """
    units = [Files(at // FILES, tuple(names[at : at + FILES])) for at in range(0, len(names), FILES)]
    progress = Progress(len(units), unit="batch")
    early: dict[int, Found] = {}
    turn = 0
    try:
        for found in run_on_ray(
            InspectionJob(look),
            units,
            cluster,
            agree=lambda kind: None,
            aside={},
            on_aside=lambda reasons: None,
            progress=progress,
        ):
            early[found.number] = found
            while turn in early:
                yield from early.pop(turn).reports
                turn += 1
    finally:
        progress.close()
