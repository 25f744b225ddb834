"""Runs an experiment as one of several processes, and notes a hash of all weights and codebooks after every step.

torchrun --nproc-per-node=2 distributed_run.py EXPERIMENT.json
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from narrows.training import train
from narrows.training.distributed.sharding import local
from narrows.training.trainers.base import Trainer

if __name__ == "__main__":
    path = Path(sys.argv[1])
    hashes = path.with_name(f"hashes{os.environ['RANK']}.txt").open("w")
    step = Trainer.step

    def noted(self, batches, number):
        outcome = step(self, batches, number)
        digest = hashlib.sha256()
        for value in self.model.state_dict().values():
            digest.update(local(value).numpy().tobytes())
        print(digest.hexdigest(), file=hashes, flush=True)
        return outcome

    Trainer.step = noted
    train(path, progress=False)
