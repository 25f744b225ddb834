"""`narrows data`: look into folders of audio, list their files, pack them, and make sounds to try things out with."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from narrows.cli.engines import add_engine_arguments, cluster_of, local_threads
from narrows.cli.report_files import is_page, keep_others


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", help="report what a folder holds: hours, rates, levels, duplicates, faults")
    inspect.add_argument(
        "folder",
        metavar="FOLDER",
        help="of audio files or Parquet files with sounds, an address, or a manifest of cuts",
    )
    inspect.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")
    inspect.add_argument("--json", action="store_true", help="print it as JSON")
    add_engine_arguments(inspect)
    inspect.set_defaults(device="cpu")
    pack = actions.add_parser("pack", help="write the files of a folder, as they are, into WebDataset shards")
    pack.set_defaults(stores=True)
    pack.add_argument("folder", type=Path, metavar="FOLDER", help="or its address")
    pack.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the shards, or address"
    )
    pack.add_argument("--max-samples", type=int, default=10_000, help="files a shard (default 10000)")
    index = actions.add_parser(
        "index", help="list the files of a folder in a Parquet data set, or bring one up to date"
    )
    index.add_argument("folder", type=Path, metavar="FOLDER")
    index.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the index, e.g. music.parquet")
    index.add_argument("--processes", type=int, default=1, help="that open files (default 1)")
    index.add_argument("--no-hashes", action="store_true", help="do not read the files whole for their SHA-256")
    index.add_argument("--json", action="store_true", help="print the figures as JSON")
    toys = actions.add_parser(
        "toys", help="make a folder of short labelled sounds by code, to try out generative models"
    )
    toys.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FOLDER", help="an empty folder, or a new one"
    )
    toys.add_argument("--count", type=int, default=800, help="sounds (default 800)")
    toys.add_argument(
        "--classes", nargs="+", metavar="CLASS", help="of which there are sounds, e.g. kick snare hat tom"
    )
    toys.add_argument("--seed", type=int, default=0, help="other sounds (default 0)")


def run(arguments: argparse.Namespace) -> None:
    """Inspect, pack or make."""
    {"inspect": _inspect, "pack": _pack, "index": _index, "toys": _toys}[arguments.action](arguments)


def _inspect(arguments: argparse.Namespace) -> None:
    from narrows.configs.files import atomic_file
    from narrows.data import inspect_folder

    keep_others(arguments.html, is_page)
    cluster = cluster_of(arguments)
    looked = None
    if cluster is not None:
        from narrows.pipelines.inspection import looked_into_on_ray

        looked = partial(looked_into_on_ray, cluster)
    with local_threads(arguments):
        report = inspect_folder(arguments.folder, looked=looked)
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


def _index(arguments: argparse.Namespace) -> None:
    from narrows.data import make_index

    report = make_index(
        arguments.folder,
        arguments.output,
        hashes=not arguments.no_hashes,
        processes=arguments.processes,
        progress=lambda done: print(f"{done} files", file=sys.stderr),
    )
    for path, reason in report.unlisted.items():
        print(f"{path}: {reason}", file=sys.stderr)
    manifest = report.manifest
    figures = {"files": manifest.rows, "bad": manifest.bad_rows, "hours": manifest.seconds / 3600}
    figures |= {"bytes": manifest.bytes, "opened": report.added, "kept": report.kept, "gone": report.gone}
    if arguments.json:
        print(json.dumps(figures | {"index": str(arguments.output)}))
        return
    print(
        f"{manifest.rows} files of {figures['hours']:.2f} h in {arguments.output}, {manifest.bad_rows} cannot be read; "
        f"{report.added} were opened, {report.kept} are as they were, {report.gone} changed or are gone."
    )


def _toys(arguments: argparse.Namespace) -> None:
    from narrows.data.toy_sounds import CLASSES, write_toy_sounds

    classes = arguments.classes or CLASSES
    folder = write_toy_sounds(arguments.output, arguments.count, arguments.seed, classes=classes)
    print(f"{arguments.count} sounds of {len(classes)} classes in {folder}: {', '.join(classes)}")
