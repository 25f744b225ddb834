"""`narrows evaluate`: how well models reconstruct the audio of a folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.cli.devices import add_channel_argument, add_device_arguments
from narrows.cli.files import find_files
from narrows.cli.main import UserError

EPILOG = """\
Each file is encoded to a real codec file and decoded again; docs/evaluation.md says what is measured. Files that
cannot be read are named and passed over.

  narrows evaluate runs/quickstart/model music/ --html evaluation.html
  narrows evaluate mine/model music/ --against theirs/model --json figures.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("audio", type=Path, nargs="+", metavar="FOLDER", help="folders of audio, or audio files")
    parser.add_argument(
        "--against", type=Path, action="append", default=[], metavar="MODEL", help="another model; may be repeated"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with players and spectrograms")
    parser.add_argument("--seconds", type=_positive, default=30.0, help="taken of each file (default 30)")
    parser.add_argument("--clips", type=int, default=6, help="how many of the worst the page holds (default 6)")
    parser.add_argument("--rank-by", default="mel_distance", metavar="METRIC", help="what sorts (default mel_distance)")
    parser.add_argument("--seed", type=int, default=0, help="of the noise of stochastic bottlenecks")
    add_channel_argument(parser)
    add_device_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; 1 when no file could be."""
    paths = [arguments.model, *arguments.against]
    if len(set(paths)) < len(paths):
        raise UserError("Each model can be named once only.")
    files = {str(path): path for path, _ in find_files(arguments.audio, AUDIO_ENDINGS)}
    from narrows.cli.devices import load_model_on
    from narrows.configs.files import atomic_file
    from narrows.pipelines.evaluation import evaluate, evaluation_report, evaluation_table
    from narrows.pipelines.metrics import available_metrics
    from narrows.pipelines.progress import Progress
    from narrows.pipelines.report import write_report

    if arguments.rank_by not in available_metrics():
        raise UserError(f"No metric is called {arguments.rank_by!r}; there are {', '.join(available_metrics())}.")
    models = {str(path): load_model_on(path, arguments) for path in paths}
    progress, done = Progress(len(files)), 0

    def told(name: str, reason: str | None) -> None:
        nonlocal done
        done += 1
        progress.note(f"[{done}/{len(files)}] {name}: {'measured' if reason is None else f'passed over, {reason}'}")
        progress.advance(done)

    evaluation = evaluate(
        models,
        files,
        seconds=arguments.seconds,
        worst=arguments.clips if arguments.html else 0,
        rank_by=arguments.rank_by,
        seed=arguments.seed,
        told=told,
    )
    progress.close()
    if len(evaluation.skipped) == len(files):
        raise UserError("None of the files could be evaluated.")
    print(evaluation_table(evaluation))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(arguments.json) as temporary:
            temporary.write_text(json.dumps(evaluation.as_dict(), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    if arguments.html:
        arguments.html.parent.mkdir(parents=True, exist_ok=True)
        print(f"Page: {write_report(evaluation_report(evaluation), arguments.html)}", file=sys.stderr)
    return 0


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text}")
    return value
