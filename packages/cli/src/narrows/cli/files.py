"""Commands that turn many files into as many others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from narrows.cli.main import UserError


class Job(NamedTuple):
    """One file and what becomes of it."""

    source: Path
    target: Path


def jobs(sources: Sequence[Path], output: Path, endings: Collection[str], new_ending: str) -> list[Job]:
    """The files to work on.

    Args:
        sources: files, which are taken whatever their ending, and folders, which are searched.
        output: folder for what becomes of them; the layout of folders is kept below it.
        endings: of the files to take from folders.
        new_ending: of the outputs.

    Raises:
        UserError: a source is missing, a folder holds nothing, or two sources would give the same output.
    """
    found = [
        Job(path, (output / name).with_name(f"{name.stem}{new_ending}")) for path, name in find_files(sources, endings)
    ]
    targets: dict[Path, Path] = {}
    for job in found:
        if job.target in targets:
            raise UserError(
                f"{targets[job.target]} and {job.source} would both become {job.target}; rename one of them."
            )
        targets[job.target] = job.source
    return found


def find_files(sources: Iterable[Path], endings: Collection[str]) -> Iterator[tuple[Path, Path]]:
    """Files, each with its place below the folder it was found in.

    Args:
        sources: files, which are taken whatever their ending, and folders, which are searched.
        endings: of the files to take from folders.

    Raises:
        UserError: a source is missing, or a folder holds nothing.
    """
    for source in sources:
        if source.is_dir():
            inside = sorted(p for p in source.rglob("*") if p.suffix.lower() in endings and p.is_file())
            if not inside:
                raise UserError(f"{source} holds no file that ends in {', '.join(sorted(endings))}.")
            yield from ((path, path.relative_to(source)) for path in inside)
        elif source.exists():
            yield source, Path(source.name)
        else:
            raise UserError(f"No such file: {source}")


def run_jobs(work: Sequence[Job], process: Callable[[Job], str], *, overwrite: bool) -> int:
    """Do the work, a line each; a file that fails is named and the others go on.

    Args:
        work: what to do.
        process: does it, and says in a few words what came out.
        overwrite: also where the output is there already.

    Returns:
        The exit code: 1 when a file failed.
    """
    failed = 0
    for number, job in enumerate(work, 1):
        head = f"[{number}/{len(work)}] {job.source}"
        if job.target.exists() and not overwrite:
            print(f"{head}: {job.target} is there already; --overwrite makes it again")
            continue
        try:
            print(f"{head} -> {job.target}: {process(job)}")
        except (ValueError, OSError) as error:
            failed += 1
            reason = str(error).removeprefix(f"{job.source}").lstrip(": ")
            print(f"{head}: {reason}", file=sys.stderr)
    if failed:
        print(f"{failed} of {len(work)} files failed.", file=sys.stderr)
    return 1 if failed else 0
