"""`narrows schema`: the schemas, for editors and other languages."""

from __future__ import annotations

import argparse
import json
import sys

EPILOG = """\
For completion and checking in an editor, keep the schemas beside your files and name them in each:

  narrows schema --editor > narrows.schema.json
  # yaml-language-server: $schema=narrows.schema.json      first line of a YAML file
  "$schema": "./narrows.schema.json"                       first key of a JSON file
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "name", nargs="?", help="for example `bottlenecks/fsq` or `audio_dir`; without it, all schemas in one file"
    )
    parser.add_argument(
        "--editor", action="store_true", help="all schemas in the one form that editors complete and check by"
    )
    parser.add_argument("--list", action="store_true", help="list the names")


def run(arguments: argparse.Namespace) -> None:
    """Print a schema or all of them."""
    from narrows.configs.schemas import bundle, editor_schema, schema_names, whole_schema

    if arguments.list:
        print("\n".join(schema_names()))
        return
    if arguments.name is None:
        json.dump(editor_schema() if arguments.editor else bundle(), sys.stdout, indent=2, ensure_ascii=False)
    else:
        json.dump(whole_schema(arguments.name), sys.stdout, indent=2, ensure_ascii=False)
    print()
