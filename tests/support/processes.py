"""Experiments that two processes train together, or that are killed on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CHILD = Path(__file__).parents[1] / "training/distributed_run.py"
KILLED = CHILD.with_name("killed_run.py")


def torchrun(config: dict[str, Any], path: Path) -> None:
    """Write an experiment to a file and train it in two processes."""
    path.write_text(json.dumps(config))
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        str(CHILD),
        str(path),
    ]
    done = subprocess.run(
        command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def moments(count: int) -> list[str]:
    """Moments to be killed at: while a checkpoint is written, before it gets its name, within a step, at any time."""
    draw = random.Random(count)
    kinds = [("write", 1, 3), ("rename", 1, 3), ("step", 1, 6), ("after", 0.05, 0.6)]
    chosen = [kinds[index % len(kinds)] for index in range(count)]
    draw.shuffle(chosen)
    return [
        f"{kind}:{draw.uniform(low, high):.3f}" if kind == "after" else f"{kind}:{draw.randint(low, high)}"
        for kind, low, high in chosen
    ]


def run_killed(path: Path, wanted: list[str]) -> None:
    """Run an experiment of a file, killed at moments, as `kill -9` does, and then to its end."""
    done = subprocess.run(
        [sys.executable, str(KILLED), str(path), *wanted],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(wanted) + ["0"], done.stderr
