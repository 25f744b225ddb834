"""Reports that a command writes to a file of the user's choice: run again, it replaces its own, and no other file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError

MARK = '<meta name="generator" content="Narrows">'
"""In the head of every page that is written here."""
HEAD = 4096
"""Bytes of a page that are looked at."""

Known = Callable[[bytes], bool]
"""Whether the start of a file, or the whole, is a report of the command."""


def keep_others(path: Path | None, known: Known) -> None:
    """Refuse, before the work, a file that holds something else than an earlier report.

    Args:
        path: to write to; None where no report is asked for. Empty files, pipes and devices lose nothing.
        known: tells the command's reports.

    Raises:
        UserError: it holds something else, or is a folder.
    """
    if path is None or not path.exists():
        return
    if path.is_dir():
        raise UserError(f"{path} is a folder: give the name of a file.")
    if path.is_file() and path.stat().st_size > 0 and not known(path.read_bytes()):
        raise UserError(f"{path} is there already and is no such report: give another name, or move it away.")


def is_page(content: bytes) -> bool:
    """Whether a page was written here."""
    return MARK.encode() in content[:HEAD]


def is_evaluation(content: bytes) -> bool:
    """Whether a JSON holds the figures of an evaluation: of codecs, or of language models by name."""
    found = _parsed(content)
    return {"models", "rank_by"} <= found.keys() or _all_hold(found, {"total", "tokens"})


def is_codec_superb(content: bytes) -> bool:
    """Whether a JSON has the layout of Codec-SUPERB: means by category and over all, or such by model."""
    from narrows.pipelines.metrics.codec_superb import OVERALL

    found = _parsed(content)
    return OVERALL in found or _all_hold(found, {OVERALL})


def _all_hold(found: dict[str, Any], keys: set[str]) -> bool:
    return bool(found) and all(isinstance(part, dict) and keys <= part.keys() for part in found.values())


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
