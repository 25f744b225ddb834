"""Keeping count of bad files: each is skipped, named once, and too many stop the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from narrows.data.errors import AudioFileError, DataError, listing, shown

log = logging.getLogger("narrows.data")

MIN_TRIED = 100
"""Files that are tried before a share of bad ones means anything, in sets that have so many."""


MAX_REMARKS = 10
"""Remarks that are written to the log; further ones are only counted."""


class Fault(NamedTuple):
    """A file that was skipped."""

    path: str
    reason: str
    bad: bool = True
    """False where all that could be used was: a remark, which stops no run."""


class Rejected(Exception):
    """A sample that is fine but not wanted, e.g. silent; another is drawn, and the file is not called bad."""


def log_skip(path: str, reason: str) -> None:
    """Name a skipped file in the log: what happens unless another callback is given."""
    log.warning("Skipped %s: %s", shown(path), reason)


class Faults:
    """Bad files of a run, kept in the main process.

    Args:
        total: files of the set, bad ones included.
        max_share: share of bad files that stops the run.
        on_skip: told path and reason of each bad file, once.
    """

    def __init__(self, total: int, max_share: float, on_skip: Callable[[str, str], None] = log_skip) -> None:
        self.skipped: dict[str, str] = {}
        self.remarks: dict[str, str] = {}
        self.total = total
        self.max_share = max_share
        self._on_skip = on_skip
        self._tried: set[int] = set()
        self._narrowed = False

    def add(self, fault: Fault) -> None:
        """Count a bad file, or a remark about one; the first time it is also named."""
        if not fault.bad:
            self._remark(fault)
        elif fault.path not in self.skipped:
            self.skipped[fault.path] = fault.reason
            self._on_skip(fault.path, fault.reason)

    def add_all(self, reasons: Mapping[str, str]) -> None:
        """Count the bad files that were found before the run, and stop when they are too many."""
        for path, reason in reasons.items():
            self.add(Fault(path, reason))
        self.check()

    def _remark(self, fault: Fault) -> None:
        if fault.path in self.remarks:
            return
        self.remarks[fault.path] = fault.reason
        if len(self.remarks) <= MAX_REMARKS:
            log.warning("%s: %s", shown(fault.path), fault.reason)
        if len(self.remarks) == MAX_REMARKS:
            log.warning("Further remarks like these are counted, not written")

    def tried(self, name: int) -> None:
        """Count a file that was read well, by the hash of its path."""
        self._tried.add(name)

    def narrowed(self, path: str, given: int, wanted: int, count: int = 1, total: int | None = None) -> None:
        """Say that channels of files are left out; a run is told once.

        Args:
            path: the file with the most channels, or the first one that was met.
            given: its channels.
            wanted: channels that are kept.
            count: how many files have more than that.
            total: of so many files; None where they are not known before they are read.
        """
        if self._narrowed or not count:
            return
        self._narrowed = True
        files = "Files" if total is None else f"{count} of {total} files"
        log.warning(
            "%s have more channels than the %d of the model: the first %d are used, the others are left out (%s has "
            "%d). Mix them down beforehand if they matter",
            files,
            wanted,
            wanted,
            shown(path),
            given,
        )

    def check(self) -> None:
        """Stop the run when too many files are bad.

        Raises:
            DataError: with the list of bad files.
        """
        bad = len(self.skipped)
        seen = max(bad + len(self._tried), min(MIN_TRIED, self.total))
        if bad and (bad > self.max_share * seen or bad >= self.total):
            raise DataError(
                f"{bad} of {max(bad, min(seen, self.total))} files cannot be read, more than max_bad_share "
                f"({self.max_share:g}) allows:\n{listing(self.skipped)}"
            )


def fault_of(error: AudioFileError) -> Fault:
    """The record of an error."""
    return Fault(error.path, error.reason)
