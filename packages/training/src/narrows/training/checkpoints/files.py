"""Files and folders of training checkpoints; `narrows.training.checkpoints.checkpoint_state` lists their content.

They appear whole or not at all, whenever the process is killed.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from narrows.configs.files import atomic_file
from narrows.models import CheckpointError
from narrows.models.checkpoints.load import read_tensors
from narrows.models.checkpoints.sharded import is_sharded, read_values
from narrows.models.checkpoints.training_format import FORMAT, VERSION

BEST = "best.ckpt"
"""Name of the checkpoint with the best value of the metric that the experiment names."""
BESTS = "best=*"
"""Names of folders with it, to which several processes wrote; each has its step."""
NAME = re.compile(r"step=(\d+)(\.ckpt)?")
"""Of a file, or of a folder to which several processes wrote."""

log = logging.getLogger(__name__)


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies: a folder where there is one, else a file."""
    sharded = sharded_path(folder, step)
    return sharded if is_sharded(sharded) else folder / f"step={step:08d}.ckpt"


def sharded_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies to which several processes wrote."""
    return folder / f"step={step:08d}"


def sharded_best_path(folder: Path, step: int) -> Path:
    """Where the best checkpoint lies to which several processes wrote, if it is of this step."""
    return folder / f"best={step:08d}"


def best_path(folder: Path) -> Path | None:
    """The best checkpoint, file or folder: the last that was written."""
    found = [path for path in (folder / BEST, *folder.glob(BESTS)) if path.is_file() or is_sharded(path)]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


def remove_other_bests(folder: Path, kept: Path) -> list[str]:
    """Remove best checkpoints other than the one that has just been written; returns their names."""
    others = [path for path in (folder / BEST, *folder.glob(BESTS)) if path != kept and path.exists()]
    for path in others:
        _remove(path)
    return [path.name for path in others]


def write_checkpoint(folder: Path, state: dict[str, Any], keep: int) -> Path:
    """Write the checkpoint of `state["step"]` and remove the oldest beyond `keep`, once the new one is safe."""
    path = write_state(checkpoint_path(folder, state["step"]), state)
    remove_old(folder, keep)
    return path


def remove_old(folder: Path, keep: int) -> list[str]:
    """Remove the oldest checkpoints beyond `keep`; returns their names."""
    old = checkpoints(folder)[keep:]
    for path in old:
        _remove(path)
    return [path.name for path in old]


def _remove(path: Path) -> None:
    if path.is_dir():
        hidden = path.with_name(f".{path.name}.old.tmp")
        path.rename(hidden)  # Half of a folder must not look like a checkpoint.
        shutil.rmtree(hidden)
    else:
        path.unlink()


def write_state(path: Path, state: dict[str, Any]) -> Path:
    """Write a checkpoint of any name."""
    with atomic_file(path) as temporary:
        torch.save({"format": FORMAT, "version": VERSION, **state}, temporary)
    return path


def checkpoints(folder: Path) -> list[Path]:
    """All checkpoints of a folder, the newest first."""
    found = [path for path in folder.glob("step=*") if NAME.fullmatch(path.name)]
    return sorted((path for path in found if path.is_file() or is_sharded(path)), key=_step, reverse=True)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a training checkpoint.

    Raises:
        CheckpointError: it is damaged, or no training checkpoint of a version that is known here.
    """
    return _checked(path, read_tensors(path))


def _checked(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    if content.get("format") != FORMAT:
        raise CheckpointError(f"{path} is no training checkpoint; give weights as `pretrained_ckpt_path`")
    if content["version"] != VERSION:
        raise CheckpointError(f"{path} has version {content['version']}; this release reads version {VERSION}")
    return content


def newest_checkpoint(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint that can be read, and its content; damaged ones are named and passed over.

    Of a folder, the content has marks in the place of its large tensors.

    Raises:
        CheckpointError: there are checkpoints, but none can be read.
    """
    candidates = checkpoints(folder)
    for path, error in ((path, _try(path)) for path in candidates):
        if isinstance(error, dict):
            return path, error
        log.warning("%s", error)
    if candidates:
        raise CheckpointError(f"No checkpoint of {folder} can be read; remove the folder to start anew")
    return None


def remove_leftovers(folder: Path) -> None:
    """Remove unfinished files of a killed process."""
    for path in _leftovers(folder):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _leftovers(folder: Path) -> Iterator[Path]:
    return (path for pattern in (".step=*.tmp", ".best=*.tmp", f".{BEST}.*.tmp") for path in folder.glob(pattern))


def _try(path: Path) -> dict[str, Any] | CheckpointError:
    try:
        return _checked(path, read_values(path)) if path.is_dir() else read_checkpoint(path)
    except CheckpointError as error:
        return error


def _step(path: Path) -> int:
    found = NAME.fullmatch(path.name)
    assert found is not None
    return int(found[1])
