"""`narrows publish`: a model folder with its card, to a hub."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError

EPILOG = """\
Needs narrows[hub], and a token that may write: `hf auth login`, or HF_TOKEN. README.md and config.json of the folder
are sent as they are where you have written them. The address can then be used wherever MODEL stands.

  narrows evaluate my_model held_out/ --json figures.json
  narrows publish my_model hf://me/my-codec --figures figures.json
  narrows encode hf://me/my-codec audio/ -o codes/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("folder", type=Path, metavar="MODEL", help="save_model folder")
    parser.add_argument("address", metavar="hf://owner/name", help="repository, made where there is none")
    parser.add_argument("--private", action="store_true", help="make a new repository private")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="JSON of `narrows evaluate`, for the model card")


def run(arguments: argparse.Namespace) -> None:
    """Publish, and say where."""
    from narrows.models.publishing import publish

    figures = _figures(arguments.figures) if arguments.figures else None
    print(publish(arguments.folder, arguments.address, private=arguments.private, figures=figures))


def _figures(path: Path) -> dict[str, float]:
    """The totals of the first model of an evaluation."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        total = next(iter(content["models"].values()))["total"]
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise UserError(f"{path} is no JSON of `narrows evaluate` of a codec") from error
    return {name: value for name, value in total.items() if isinstance(value, int | float)}
