"""Which device a command computes on, and the model on it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--device`."""
    parser.add_argument("--device", default="auto", help="auto (the default), cpu, cuda, cuda:1, mps ...")


def choose_device(name: str) -> str:
    """The device to use; `auto` takes a GPU where there is one."""
    import torch

    if name == "auto":
        available = torch.accelerator.current_accelerator(check_available=True)
        return "cpu" if available is None else available.type
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"The device {name!r} is not there: {str(error).splitlines()[0]}") from error
    return name


def load_model_on(path: Path, device: str) -> Any:
    """The model of a save_model folder or training checkpoint, on its device; what was chosen is printed."""
    from narrows.models import load_model

    if not path.exists():
        raise UserError(f"No such model: {path}")
    chosen = choose_device(device)
    print(f"Computing on {chosen}.", file=sys.stderr)
    return load_model(path).to(chosen)
