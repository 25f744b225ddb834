"""Making an index of a folder, and bringing it up to date: in parallel, part by part, resumable at any time."""

from __future__ import annotations

import multiprocessing
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from os import fsencode
from pathlib import Path
from typing import Any

import numpy as np

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs.files import check_folder
from narrows.configs.temporaries import abandoned
from narrows.configs.write_errors import named_when_it_fails
from narrows.data.errors import DataError, folder_here, shown
from narrows.data.indexes.alone import alone
from narrows.data.indexes.rows import keep_rows, make_part, stamps_of
from narrows.data.indexes.table import ROWS_OF_PART, BadPart, Manifest, Part, read_manifest
from narrows.data.row_groups import parquet
from narrows.data.scan import Selection, each_file

OURS = re.compile(r"(part-|_bad-)\d{6}(\.\d{6})*\.parquet|\.((part-|_bad-)[\d.]+parquet|_index\.json)\.\w+\.tmp")
"""Names of parts, and of what killed processes left of parts and manifest."""
DIGEST = 16
"""Bytes that a path is known by while an index is made; two paths with the same are not to be expected."""


@dataclass
class IndexReport:
    """What was done to an index."""

    manifest: Manifest
    added: int = 0
    """Files that were opened, bad ones included."""
    kept: int = 0
    """Files that are as they were."""
    gone: int = 0
    """Files that were removed, or changed and so were opened again."""
    unlisted: dict[str, str] = field(default_factory=dict)
    """Folders that cannot be listed, with reasons."""


def make_index(
    path: str | Path,
    target: str | Path,
    *,
    extensions: Sequence[str] = AUDIO_ENDINGS,
    hashes: bool = True,
    processes: int = 1,
    rows_of_part: int = ROWS_OF_PART,
    progress: Callable[[int], object] = lambda done: None,
) -> IndexReport:
    """Make an index, or bring one up to date: only files whose size or time of change differ are opened again.

    New and changed files come behind all others, in parts of their own. The manifest is written after each part, so
    that a run that was stopped goes on; until it has seen every file, readers refuse the index.

    Args:
        path: folder of audio files, searched recursively.
        target: folder of the index, usually `NAME.parquet`.
        extensions: endings of the files to take.
        hashes: keep the SHA-256 of every file, for which it is read whole.
        processes: that open files; 1 does it in this one.
        rows_of_part: files of a part.
        progress: told how many files are done.

    Raises:
        DataError: the folder is missing or holds no audio, or the index is another folder's, or another process
            makes it.
        OutputError: the index cannot be written.
    """
    parquet()
    root, folder = folder_here(path, "index").resolve(), Path(target)
    check_folder(folder)
    with named_when_it_fails(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with named_when_it_fails(folder), alone(folder), _pool(processes) as pool:
        manifest = _begun(folder, Manifest(str(root), sorted(extensions), hashes))
        report = IndexReport(manifest)
        _sweep(folder, manifest)
        known = _check_parts(pool, root, folder, report, progress)
        names = each_file(root, Selection(tuple(extensions)), report.unlisted.setdefault)
        _add_parts(pool, root, folder, report, _unknown(names, known), rows_of_part, 2 * processes, progress)
        if not manifest.rows:
            raise DataError(f"{shown(root)} holds no audio file that can be read ({manifest.bad_rows} that cannot)")
        manifest.complete = True
        manifest.save(folder)
        _sweep(folder, manifest)
    return report


def _begun(folder: Path, wanted: Manifest) -> Manifest:
    """The manifest that is there, if it is of the same files."""
    found = read_manifest(folder)
    if found is None:
        if folder.is_dir() and any(folder.iterdir()):
            raise DataError(f"{shown(folder)} exists and is no index; name a new folder")
        return wanted
    differing = [name for name in ("root", "extensions", "hashes") if getattr(found, name) != getattr(wanted, name)]
    if differing:
        raise DataError(
            f"{shown(folder)} is an index with other {', '.join(differing)} "
            f"({'; '.join(str(getattr(found, name)) for name in differing)}); name a new folder, or delete it"
        )
    found.complete = False
    return found


def _check_parts(
    pool: Executor, root: Path, folder: Path, report: IndexReport, progress: Callable[[int], object]
) -> np.ndarray[Any, Any]:
    """Drop rows of files that changed or are gone; returns the digests of the paths that stay, sorted."""
    manifest = report.manifest
    known: list[np.ndarray[Any, Any]] = []
    parts: list[Part | BadPart] = [*manifest.parts, *manifest.bad]
    files = [str(folder / part.name) for part in parts]
    results = _in_order(pool, stamps_of, ((str(root), file) for file in files), 4)
    changed: dict[str, Part | BadPart | None] = {}
    for part, file, (paths, holds) in zip(parts, files, results, strict=True):
        kept = [path for path, same in zip(paths, holds, strict=True) if same]
        known.append(_digests(kept))
        report.kept, report.gone = report.kept + len(kept), report.gone + len(paths) - len(kept)
        if len(kept) < len(paths):
            target = folder / f"{part.name.partition('.')[0]}.{manifest.next:06d}.parquet"
            changed[part.name] = pool.submit(keep_rows, file, holds, str(target)).result() if kept else None
            manifest.next += 1
        progress(report.kept)
    if changed:
        manifest.parts = [new for p in manifest.parts if isinstance(new := changed.get(p.name, p), Part)]
        manifest.bad = [new for b in manifest.bad if isinstance(new := changed.get(b.name, b), BadPart)]
        manifest.save(folder)
    return np.sort(np.concatenate(known)) if known else _digests([])


def _add_parts(
    pool: Executor,
    root: Path,
    folder: Path,
    report: IndexReport,
    names: Iterable[str],
    size: int,
    ahead: int,
    progress: Callable[[int], object],
) -> None:
    manifest = report.manifest
    numbers = iter(range(manifest.next, 1 << 62))
    names_left = iter(names)
    chunks = iter(lambda: list(islice(names_left, size)), [])
    jobs = ((str(root), chunk, str(folder), next(numbers), manifest.hashes) for chunk in chunks)
    for part, bad in _in_order(pool, make_part, jobs, ahead):
        manifest.next += 1
        manifest.parts += [part] if part else []
        manifest.bad += [bad] if bad else []
        report.added += (part.rows if part else 0) + (bad.rows if bad else 0)
        manifest.save(folder)
        progress(report.kept + report.added)


def _in_order(pool: Executor, call: Callable[..., Any], jobs: Iterable[tuple[Any, ...]], ahead: int) -> Iterator[Any]:
    """Results in the order of the jobs, of which no more than `ahead` are begun."""
    waiting: deque[Future[Any]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(call, *job))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise DataError(
            "A process that opens files was killed, perhaps for want of memory. What was done is kept: run the command "
            "again, with fewer --processes"
        ) from error
    finally:
        for future in waiting:
            future.cancel()


def _unknown(names: Iterable[str], known: np.ndarray[Any, Any]) -> Iterator[str]:
    """Names that are not in the index."""
    names = iter(names)
    while chunk := list(islice(names, 4096)):
        digests = _digests(chunk)
        places = np.searchsorted(known, digests)
        there = np.zeros(len(chunk), np.bool_)
        inside = places < len(known)
        there[inside] = known[places[inside]] == digests[inside]
        yield from (name for name, known_one in zip(chunk, there.tolist(), strict=True) if not known_one)


def _digests(names: Sequence[str]) -> np.ndarray[Any, Any]:
    return np.array([blake2b(fsencode(name), digest_size=DIGEST).digest() for name in names], f"S{DIGEST}")


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Remove parts that the manifest does not name: those that were replaced, or that a killed run left."""
    named = {part.name for part in manifest.parts} | {part.name for part in manifest.bad}
    for path in folder.iterdir():
        # Other files, such as a table of captions that somebody put beside them, are not ours.
        if not OURS.fullmatch(path.name) or path.name in named:
            continue
        if not path.name.endswith(".tmp") or abandoned(path):
            path.unlink(missing_ok=True)


def _pool(processes: int) -> Executor:
    if processes <= 1:
        return ThreadPoolExecutor(1)
    # Not forked: this process may have threads, of pyarrow and others.
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
