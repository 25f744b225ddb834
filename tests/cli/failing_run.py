"""Runs an experiment as one of several processes, of which process 1 fails in its Nth step.

    python failing_run.py EXPERIMENT.json HOW N

torchrun may start it, or else it starts its second process itself. HOW is `raise` (an error), `kill` (SIGKILL), `exit`
or `linger` (an error, after which the process does not end).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from narrows.cli.main import main
from narrows.training.distributed import failures
from narrows.training.trainers.autoencoder import AutoencoderTrainer

FAILING = int(os.environ.get("FAILING_RANK", "1"))


def fail(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit":
        sys.exit(3)
    raise ValueError("the dog ate the gradient")


if __name__ == "__main__":
    how, number = sys.argv[2], int(sys.argv[3])
    update = AutoencoderTrainer.update
    done = 0

    def counted(self, batches, step):
        global done
        done += 1
        if done == number and self.fabric.global_rank == FAILING:
            fail(how)
        return update(self, batches, step)

    AutoencoderTrainer.update = counted
    if how == "linger":
        failures.GRACE = 2.0
        end = failures.Failures.__exit__

        def lingering(self, kind, error, trace):
            if self._rank == FAILING:
                time.sleep(30)
            end(self, kind, error, trace)

        failures.Failures.__exit__ = lingering
    sys.exit(main(["train", "--config", str(Path(sys.argv[1]))]))
