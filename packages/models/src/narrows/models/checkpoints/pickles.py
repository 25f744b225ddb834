"""Reading pickles without running code from them."""

from __future__ import annotations

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import torch

from narrows.models.checkpoints.errors import CheckpointError

NOT_ALLOWED = re.compile(r"GLOBAL ([\w.]+) was not an allowed")


def read_pickle(path: Path) -> dict[str, Any]:
    """The tensors and plain values of a file.

    Raises:
        CheckpointError: it is damaged, or holds more than these.
    """
    try:
        with warnings.catch_warnings():
            # About pickles of another protocol: they are read or refused, which the caller hears of.
            warnings.simplefilter("ignore", UserWarning)
            # An open file: of a path, torch would believe the ending.
            with path.open("rb") as file:
                content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path} {_refused(str(error))}") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"Cannot read {path}: {reason}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds {type(content).__name__}, not weights by name")
    return content


def _refused(reason: str) -> str:
    """Why a pickle is not read, in one line: torch's own message advises what a user of a command cannot do."""
    found = NOT_ALLOWED.search(reason)
    if found is None:
        return "is damaged, or no checkpoint file"
    return (
        f"holds more than tensors and plain values ({found[1]}), and code from files is never run. Where it comes "
        'from, save the weights alone: torch.save({"state_dict": model.state_dict()}, PATH)'
    )
