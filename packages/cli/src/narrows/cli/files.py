"""Commands that turn many files into as many others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from narrows.cli.main import UserError
from narrows.cli.outputs import Output
from narrows.configs.copies import local_copy
from narrows.configs.files import OutputError
from narrows.configs.storage import StorageError
from narrows.data import scan

PATIENCE = 3
"""Outputs in a row that cannot be written, after which the others are not tried: the disk is full, not the file bad."""


class Job(NamedTuple):
    """One file and what becomes of it."""

    source: Path
    target: Path


def jobs(sources: Sequence[Path], output: Path, endings: Collection[str], new_ending: str) -> list[Job]:
    """The files to work on.

    Args:
        sources: files, which are taken whatever their ending, and folders, which are searched.
        output: folder for what becomes of them; the layout of folders is kept below it.
        endings: of the files to take from folders, without dot.
        new_ending: of the outputs.

    Raises:
        UserError: a source is missing, a folder holds nothing, or several sources would give the same output; all
            such are named.
    """
    found = [
        Job(path, (output / name).with_name(f"{name.stem}{new_ending}")) for path, name in find_files(sources, endings)
    ]
    sources_of: dict[Path, list[Path]] = {}
    for job in found:
        sources_of.setdefault(job.target, []).append(job.source)
    if clashes := {target: files for target, files in sources_of.items() if len(files) > 1}:
        lines = [f"{' and '.join(map(str, files))} would all become {target}" for target, files in clashes.items()]
        raise UserError("\n".join([*lines, "Rename them, or give each folder an OUT of its own."]))
    return found


def find_files(sources: Iterable[Path], endings: Collection[str]) -> Iterator[tuple[Path, Path]]:
    """Files, each with its place below the folder it was found in.

    What an address names is copied into the user's cache. Folders are searched as data sets search theirs
    (`narrows.data.scan`): links are followed, hidden folders and what archives and macOS leave behind are not taken. A
    folder that cannot be listed is named.

    Args:
        sources: files, which are taken whatever their ending, and folders, which are searched.
        endings: of the files to take from folders, without dot.

    Raises:
        UserError: a source is missing, or a folder holds nothing.
    """
    for source in map(local_copy, sources):
        if source.is_dir():
            listing = scan.find_files(source, scan.Selection(tuple(endings)), _told)
            if not listing.names:
                raise UserError(f"{source} holds no file that ends in {', '.join(f'.{e}' for e in sorted(endings))}.")
            yield from ((source / name, Path(name)) for name in listing.names)
        elif source.exists():
            yield source, Path(source.name)
        else:
            raise UserError(f"No such file: {source}")


def _told(path: str, reason: str) -> None:
    print(f"{path}: {reason}", file=sys.stderr)


def run_jobs(work: Sequence[Job], process: Callable[[Job], str], output: Output, *, overwrite: bool) -> int:
    """Do the work, a line each; a file that fails is named and the others go on.

    Args:
        work: what to do, with targets in the folder of `output`.
        process: does it, and says in a few words what came out.
        output: gets what is made.
        overwrite: also where the output is there already.

    Returns:
        The exit code: 1 when a file failed.
    """
    failed = full = 0
    for number, job in enumerate(work, 1):
        head = f"[{number}/{len(work)}] {job.source}"
        target = output.shown(job.target)
        if output.has(job.target) and not overwrite:
            print(f"{head}: {target} is there already; --overwrite makes it again")
            continue
        try:
            done = process(job)
            output.put(job.target)
            print(f"{head} -> {target}: {done}")
        except (ValueError, OSError) as error:
            failed += 1
            reason = str(error).removeprefix(f"{job.source}").lstrip(": ")
            print(f"{head}: {reason}", file=sys.stderr)
            full = full + 1 if isinstance(error, OutputError | StorageError) else 0
            if full == PATIENCE and number < len(work):
                print(f"{len(work) - number} files are left: nothing could be written {full} times.", file=sys.stderr)
                break
        else:
            full = 0
    if failed:
        print(f"{failed} of {len(work)} files failed.", file=sys.stderr)
    return 1 if failed else 0
