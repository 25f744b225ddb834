"""`narrows migrate`: configuration files of other packages to one experiment file."""

from __future__ import annotations

import argparse
from pathlib import Path

from narrows.cli.main import UserError

EPILOG = """\
SOURCE is an INI file of stable-audio-tools (its defaults.ini or yours), one of its model or data set files, a text
file with a command line of its train.py or pre_encode.py, or the Hydra YAML of EulerAudioBackbone (a file, or the
folder with its config.yaml). Nothing in it is imported or run.

  narrows migrate defaults.ini -o experiment.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("source", type=Path, metavar="SOURCE", help="file or folder to migrate")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="TARGET", help="experiment file to write")
    parser.add_argument("--overwrite", action="store_true", help="replace TARGET when it exists")


def run(arguments: argparse.Namespace) -> None:
    """Write the experiment file; what was renamed, set or dropped stands in its comments."""
    from narrows.configs.files import atomic_file
    from narrows.configs.migrate import migrate

    if arguments.output.exists() and not arguments.overwrite:
        raise UserError(f"{arguments.output} exists; --overwrite replaces it.")
    text = migrate(arguments.source)
    with atomic_file(arguments.output) as temporary:
        temporary.write_text(text, encoding="utf-8")
    comments = sum(line.lstrip().startswith("#") for line in text.splitlines())
    print(f"Wrote {arguments.output}; its {comments} lines of comments say what changed.")
    schema = arguments.output.with_name("narrows.schema.json")
    if not schema.exists():
        print(f"Editors complete and check it after: narrows schema --editor > {schema}")
