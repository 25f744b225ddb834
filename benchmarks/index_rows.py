"""What an index of many files costs: time until reading starts, memory of a process, an epoch that brings each once.

    python benchmarks/index_rows.py --rows 10000000

Rows are made up; no sound is read. Memory is the highest resident size of a process of its own, with and without index.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from narrows.data.indexes.reading import IndexedFiles
from narrows.data.indexes.rows import describe, write_table
from narrows.data.indexes.table import ROWS_OF_PART, Manifest, columns
from narrows.data.order import Group, Share
from narrows.data.permuted_order import PermutedOrder
from narrows.data.row_groups import parquet

BATCH = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--batches", type=int, default=40, help="of 256 rows that are looked up in random order")
    parser.add_argument("--measure", choices=["nothing", "index"], help=argparse.SUPPRESS)
    parser.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measured(arguments.index, arguments.batches, arguments.measure == "index")))
        return
    with tempfile.TemporaryDirectory() as folder:
        print_figures(arguments, Path(folder) / "made_up.parquet")


def print_figures(arguments: argparse.Namespace, index: Path) -> None:
    """Make the index, and print what it costs."""
    began = time.perf_counter()
    make_up(index, arguments.rows)
    size = sum(path.stat().st_size for path in index.iterdir())
    print(
        f"{arguments.rows} rows written in {time.perf_counter() - began:.1f} s, {size / arguments.rows:.1f} bytes each"
    )
    found = {}
    for what in ("nothing", "index"):
        command = [sys.executable, __file__, "--measure", what, "--index", index, "--batches", arguments.batches]
        output = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
        found[what] = json.loads(output)
    figures = found["index"]
    print(f"until the first path is known: {figures['start']:.3f} s")
    print(f"a path in random order: {1e3 * figures['look_up']:.2f} ms")
    print(f"memory of the process: {figures['memory']:.0f} MB, without an index {found['nothing']['memory']:.0f} MB")
    print(f"more than without: {figures['memory'] - found['nothing']['memory']:.0f} MB")
    began = time.perf_counter()
    once = each_once(arguments.rows, worlds=(1, 3))
    print(f"each row once in an epoch, on 1 and on 3 processes: {once} ({time.perf_counter() - began:.1f} s)")


def make_up(index: Path, rows: int) -> None:
    """An index of files that do not exist."""
    pa, _ = parquet()
    index.mkdir()
    manifest = Manifest("/nowhere", ["flac"], True)
    rng = np.random.default_rng(0)
    for number, first in enumerate(range(0, rows, ROWS_OF_PART)):
        count = min(ROWS_OF_PART, rows - first)
        paths = [f"{n // 1000:06d}/recording {n:010d}.flac" for n in range(first, first + count)]
        frames, sizes = rng.integers(10**5, 10**7, count), rng.integers(10**5, 10**7, count)
        values = {
            "path": paths,
            "size": sizes,
            "mtime_ns": rng.integers(1 << 60, size=count),
            "frames": frames,
            "sample_rate": np.full(count, 44100),
            "channels": np.full(count, 2),
            "path_crc32": rng.integers(1 << 32, size=count),
            "sha256": [rng.bytes(32) for _ in range(count)],
            "remark": [None] * count,
        }
        name = f"part-{number:06d}.parquet"
        write_table(index / name, pa.Table.from_pydict(values, schema=columns()))
        seconds = float(frames.sum() / 44100)
        manifest.parts.append(describe(name, paths, sizes.tolist(), seconds, Counter({2: count})))
    manifest.complete = True
    manifest.save(index)


def measured(index: Path, batches: int, with_index: bool) -> dict[str, float]:
    """Time and memory of this process."""
    began = time.perf_counter()
    start = look_up = 0.0
    if with_index:
        files = IndexedFiles(index)
        order = PermutedOrder((Group(0, len(files)),), 0)
        files.path(int(order.at(np.arange(1))[0]))
        start = time.perf_counter() - began
        began = time.perf_counter()
        for item in order.at(np.arange(batches * BATCH)).tolist():
            files.path(item)
        look_up = (time.perf_counter() - began) / (batches * BATCH)
    memory = highest_memory()
    return {"start": start, "look_up": look_up, "memory": memory}


def highest_memory() -> float:
    """Most memory that this process ever held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # What `resource` says counts the process that started this one, too.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def each_once(rows: int, worlds: tuple[int, ...]) -> bool:
    """Whether the processes together take every row of an epoch exactly once."""
    order = PermutedOrder((Group(0, rows),), 0)
    for world in worlds:
        counts = np.zeros(rows, np.uint8)
        shares = [Share(BATCH * 64, False, rank, world) for rank in range(world)]
        for share in shares:
            for number in range(share.count(rows)):
                counts[order.in_epoch(0, np.array(share.places(number, rows)))] += 1
        if not (counts == 1).all():
            return False
    return True


if __name__ == "__main__":
    main()
