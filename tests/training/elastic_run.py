"""Runs an experiment as one of several processes, and notes which samples each step has.

    torchrun ... elastic_run.py EXPERIMENT.json

With KILL_IN_STEP the last process kills itself in that step, counted from 1, unless it was started again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from narrows.training import train
from narrows.training.trainers.base import Trainer

if __name__ == "__main__":
    path = Path(sys.argv[1])
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    start = os.environ.get("SAMPLES") or os.environ["TORCHELASTIC_RESTART_COUNT"]
    who = f"{start}-{rank}" if "NARROWS_STEP_SECONDS" not in os.environ else f"{time.time_ns()}-{rank}"
    notes = path.with_name(f"samples-{who}.jsonl").open("w")
    kill = int(os.environ.get("KILL_IN_STEP", "0"))
    step = Trainer.step

    def noted(self, batches, number):
        time.sleep(float(os.environ.get("NARROWS_STEP_SECONDS", "0")))
        if kill == number + 1 and rank == world - 1 and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        samples = [f"{about['path']} {about['seconds_start']:.4f}" for _, infos in batches for about in infos]
        print(
            json.dumps({"step": number, "rank": rank, "world": world, "time": time.time_ns(), "samples": samples}),
            file=notes,
            flush=True,
        )
        return step(self, batches, number)

    Trainer.step = noted
    train(path, progress=False)
