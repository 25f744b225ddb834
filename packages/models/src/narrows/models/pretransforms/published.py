"""Where the weights of published codecs come from: a local file or folder, or a download that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any


def weights_file(path: str | Path, endings: Sequence[str]) -> Path:
    """The checkpoint that a path names: a file, or the only one of a folder.

    Args:
        path: file or folder.
        endings: of checkpoint files, with the dot; where a folder has several kinds, the first kind counts.

    Raises:
        FileNotFoundError: there is none, or a folder has several of a kind.
    """
    path = Path(path)
    if path.is_file():
        return path
    for ending in endings:
        found = sorted(path.glob(f"*{ending}"))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(file.name for file in found)
            raise FileNotFoundError(f"{path} holds several checkpoints ({names}): write the path of one")
    raise FileNotFoundError(f"{path} is no checkpoint, and no folder with one ({', '.join(endings)})")


def downloaded(package: str, distribution: str, fetch: Callable[[Any], Any]) -> Any:
    """The download of a codec's own package.

    Args:
        package: module to import.
        distribution: what to install where it is missing.
        fetch: the package's call, given the module.
    """
    try:
        module = import_module(package)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"download needs the package {distribution}, which is not installed: install it, or fetch the weights "
            "yourself and write their file or folder as path"
        ) from error
    return fetch(module)


def ask_where(kind: str) -> ValueError:
    """The error of a codec without weights."""
    return ValueError(
        f"Where are the weights of {kind}? Write their file or folder as config.path, or config.download true"
    )
