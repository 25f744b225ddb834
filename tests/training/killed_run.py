"""Runs an experiment in a process of its own and kills it, as `kill -9` does, at a chosen moment.

    python killed_run.py EXPERIMENT.json MOMENT

MOMENT is `never`, `step N` (in the middle of step N), `write N` (half of the Nth checkpoint is written), or `rename N`
(the Nth checkpoint is written but does not have its name yet).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch

from narrows.training import checkpoints, train
from narrows.training.autoencoder import AutoencoderTraining


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arrange(kind: str, number: int) -> None:
    """Make the process die at a moment."""
    save, update = torch.save, AutoencoderTraining._update
    written = 0

    def counted_save(state, path):
        nonlocal written
        written += 1
        save(state, path)
        if written == number and kind == "write":
            content = Path(path).read_bytes()
            Path(path).write_bytes(content[: len(content) // 2])
        if written == number:
            die()

    def counted_update(self, values):
        problem = update(self, values)
        if self.parts["autoencoder"].optimizer.state_dict()["state"][0]["step"] >= number:
            die()
        return problem

    if kind == "step":
        AutoencoderTraining._update = counted_update
    elif kind != "never":
        checkpoints.torch.save = counted_save


if __name__ == "__main__":
    arrange(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    train(Path(sys.argv[1]), progress=False)
