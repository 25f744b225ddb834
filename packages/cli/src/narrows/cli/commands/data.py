"""`narrows data`: look into folders of audio, and pack them into shards."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", help="report what a folder holds: hours, rates, levels, duplicates, faults")
    inspect.add_argument("folder", type=Path, metavar="FOLDER")
    inspect.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")
    inspect.add_argument("--json", action="store_true", help="print it as JSON")
    pack = actions.add_parser("pack", help="write the files of a folder, as they are, into WebDataset shards")
    pack.add_argument("folder", type=Path, metavar="FOLDER")
    pack.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the shards")
    pack.add_argument("--max-samples", type=int, default=10_000, help="files a shard (default 10000)")


def run(arguments: argparse.Namespace) -> None:
    """Inspect or pack."""
    if arguments.action == "inspect":
        _inspect(arguments)
    else:
        _pack(arguments)


def _inspect(arguments: argparse.Namespace) -> None:
    from narrows.configs.files import atomic_file
    from narrows.data import inspect_folder

    report = inspect_folder(arguments.folder)
    if arguments.html:
        with atomic_file(arguments.html) as temporary:
            temporary.write_text(report.html(), encoding="utf-8")
    print(json.dumps(report.as_dict(), indent=2) if arguments.json else report.table())


def _pack(arguments: argparse.Namespace) -> None:
    from narrows.data import pack_folder

    report = pack_folder(arguments.folder, arguments.output, max_samples=arguments.max_samples)
    for path, reason in report.skipped.items():
        print(f"Left out {path}: {reason}")
    print(
        f"{report.samples} files, {report.bytes / 2**20:.1f} MiB, in {len(report.shards)} shards in {arguments.output}"
    )
