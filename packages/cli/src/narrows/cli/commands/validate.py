"""`narrows validate`: everything that is wrong with configuration files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from narrows.cli.documents import check_file
from narrows.configs import Problem

EPILOG = """\
A file may be a model, a data set or an experiment, as JSON or YAML; `defaults` are composed and named files are read,
as `train` does. A part, such as a bottleneck alone, needs --kind.

  narrows validate model_config.json dataset.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON or YAML file")
    parser.add_argument("--kind", help="family of the documents, for example `bottleneck`")
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")
    parser.add_argument(
        "--lenient", action="store_true", help="unknown keys that stable-audio-tools ignores are warnings, not errors"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print every problem of every file; 1 when one of them is an error."""
    found: list[Problem] = []
    for path in arguments.files:
        problems = check_file(path, arguments.kind, lenient=arguments.lenient)
        found += problems
        if not arguments.json:
            print("\n".join(_as_text(problem) for problem in problems) or f"{path}: valid")
    errors = sum(problem.level == "error" for problem in found)
    if arguments.json:
        print(json.dumps([_as_json(problem) for problem in found], indent=2, default=str))
    elif found:
        print(f"{errors} error{'' if errors == 1 else 's'}, {len(found) - errors} warning(s).")
    return 1 if errors else 0


def _as_text(problem: Problem) -> str:
    place = ":".join(str(part) for part in (problem.source, problem.line, problem.column) if part)
    level = "" if problem.level == "error" else f"{problem.level}: "
    text = f"{place}: {problem.pointer or '/'}: {level}{problem.message}"
    if problem.related and problem.kind == "rule":
        text += f"\n    see also: {', '.join(problem.related)}"
    return text + (f"\n    hint: {problem.hint}" if problem.hint else "")


def _as_json(problem: Problem) -> dict[str, object]:
    return {key: value for key, value in problem._asdict().items() if value not in (None, "", ())}
