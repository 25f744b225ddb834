"""Folders that commands write models into."""

from __future__ import annotations

from pathlib import Path

from narrows.cli.main import UserError


def keep_model(folder: Path, overwrite: bool, source: Path) -> None:
    """Refuse a folder that holds another model than the one that is read.

    Args:
        folder: to write a model into.
        overwrite: it may be replaced.
        source: what is read; that this is not lost is seen to where it is read.

    Raises:
        UserError: it does, and may not be overwritten.
    """
    from narrows.models.saving import OWNED

    there = [name for name in OWNED if (folder / name).is_file()]
    if there and not overwrite and folder.resolve() not in (source.resolve(), source.resolve().parent):
        raise UserError(f"{folder} holds a model already ({there[0]}); --overwrite replaces it.")
