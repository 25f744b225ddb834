"""`narrows studio`: a local web page to hear, compare and generate."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError

NEEDED = {"narrows.studio", "starlette", "uvicorn"}
"""Packages that the extra `studio` installs."""

EPILOG = """\
The page is open to this machine only, and to those who have its address. docs/studio.md describes it.

  narrows studio runs/quickstart/model theirs/model --audio ~/music    compare what they make of sounds
  narrows studio my_diffusion --runs runs                              generate, and watch runs
  narrows evaluate mine/model music/ --against theirs/model --save heard
  narrows studio --test heard --test-kind mushra                       a blind test of what was evaluated
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("model", type=Path, nargs="*", metavar="MODEL", help="save_model folders or checkpoints")
    parser.add_argument(
        "--audio", type=Path, action="append", default=[], metavar="FOLDER", help="to choose from; may be repeated"
    )
    parser.add_argument(
        "--runs", type=Path, action="append", default=[], metavar="FOLDER", help="runs to watch; may be repeated"
    )
    parser.add_argument(
        "--test", type=Path, metavar="FOLDER", help="prepare a listening test of what `narrows evaluate --save` wrote"
    )
    parser.add_argument(
        "--test-kind", choices=["abx", "mushra", "preference"], default="mushra", help="of that test (default mushra)"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("studio"), metavar="FOLDER", help="what the studio keeps (default studio)"
    )
    parser.add_argument("--port", type=int, default=0, help="to listen on (default: any that is free)")
    parser.add_argument(
        "--device",
        action="append",
        default=[],
        help="auto (the default), cpu, cuda ...; repeated, a job at a time on each",
    )
    parser.add_argument("--max-upload", type=_positive, default=200.0, metavar="MIB", help="largest file (default 200)")
    parser.add_argument(
        "--max-seconds", type=_positive, default=600.0, help="longest sound taken or made (default 600)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def run(arguments: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    _check(arguments)
    from narrows.cli.devices import choose_device

    try:
        from narrows.studio.listen.from_evaluation import from_evaluation
        from narrows.studio.server import serve
        from narrows.studio.services import Studio
        from narrows.studio.settings import Limits, Settings, named
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        raise UserError(f'`narrows studio` needs the package {error.name}: pip install "narrows[studio]"') from error
    limits = Limits(upload_bytes=round(arguments.max_upload * 2**20), seconds=arguments.max_seconds)
    settings = Settings(
        arguments.data,
        named(arguments.model),
        tuple(arguments.audio),
        tuple(arguments.runs),
        tuple(dict.fromkeys(choose_device(name) for name in arguments.device or ["auto"])),
        limits,
    )
    studio = Studio(settings)
    if arguments.test is not None:
        test = from_evaluation(arguments.test, arguments.test_kind, studio.tests)
        print(f"Test        {test['name']}: {test['trials']} trials for each listener", file=sys.stderr)
    for model in studio.descriptions:
        print(f"Model       {model['name']} ({model['kind']}, {model['sample_rate']} Hz)", file=sys.stderr)
    page = "compare" if arguments.test is None else "listen"
    serve(studio, arguments.port, page, lambda address: _started(address, arguments))


def _check(arguments: argparse.Namespace) -> None:
    for path in arguments.model:
        if not path.exists():
            raise UserError(f"No such model: {path}")
    for path in [*arguments.audio, *arguments.runs, *([arguments.test] if arguments.test else [])]:
        if not path.is_dir():
            raise UserError(f"No such folder: {path}")
    if not 0 <= arguments.port < 65536:
        raise UserError(f"--port must be from 0 to 65535, got {arguments.port}")


def _started(address: str, arguments: Any) -> None:
    print(f"Studio      {address}\nCtrl-C ends it.", flush=True)
    if not arguments.no_browser:
        webbrowser.open(address)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text}")
    return value
