"""`narrows schema`: the schemas, for editors and other languages."""

from __future__ import annotations

import argparse
import json
import sys

from narrows.cli.main import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", nargs="?", help="for example `bottlenecks/fsq`; without it, all schemas in one file")
    parser.add_argument("--list", action="store_true", help="list the names")


def run(arguments: argparse.Namespace) -> None:
    """Print a schema or all of them."""
    from narrows.configs.schemas import bundle, schema, schema_names

    if arguments.list:
        print("\n".join(schema_names()))
        return
    if arguments.name is None:
        json.dump(bundle(), sys.stdout, indent=2, ensure_ascii=False)
    else:
        try:
            json.dump(schema(arguments.name), sys.stdout, indent=2, ensure_ascii=False)
        except KeyError as error:
            raise UserError(error.args[0]) from error
    print()
