"""Runs an experiment again and again, killing it each time, as `kill -9` does, at a chosen moment.

    python killed_run.py EXPERIMENT.json MOMENT ...

MOMENT is `step:N` (in the middle of the Nth step of this process), `write:N` (half of its Nth checkpoint is written),
`rename:N` (that checkpoint is written but does not have its name yet) or `after:SECONDS`. After the last moment the run
is left to finish. Every attempt is a process of its own, forked once torch is imported. Prints what became of each.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import torch

from narrows.training import train
from narrows.training.trainers.base import Trainer


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arrange(kind: str, number: int) -> None:
    """Make this process die at a moment."""
    save, step = torch.save, Trainer.step
    written = done = 0

    def counted_save(state, path):
        nonlocal written
        written += 1
        save(state, path)
        if written == number and kind == "write":
            content = Path(path).read_bytes()
            Path(path).write_bytes(content[: len(content) // 2])
        if written == number:
            die()

    def counted_step(self, *arguments):
        nonlocal done
        result = step(self, *arguments)
        done += 1
        if done == number:
            die()
        return result

    if kind == "step":
        Trainer.step = counted_step
    else:
        torch.save = counted_save


def attempt(path: Path, moment: str) -> int:
    """Run in a child until the moment comes; minus the signal, or the exit status."""
    kind, _, value = moment.partition(":")
    child = os.fork()
    if child == 0:
        if kind not in {"after", "never"}:
            arrange(kind, int(value))
        train(path, progress=False)
        os._exit(0)
    if kind == "after":
        time.sleep(float(value))
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for wanted in [*sys.argv[2:], "never"]:
        print(attempt(Path(sys.argv[1]), wanted))
