"""Threads that read audio beside a model that computes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch


def reading_threads(count: int) -> ThreadPoolExecutor:
    """A pool whose threads use no further threads in torch.

    Each would otherwise start as many as there are processors. With more of them than processors OpenMP lets idle
    ones sleep at once instead of spinning, and waking them for each of the model's operations cost a quarter of its
    speed on two processors.

    Args:
        count: threads of the pool.
    """
    own = torch.get_num_threads()
    started = Barrier(count + 1)
    pool = ThreadPoolExecutor(count, "reading", initializer=_alone)
    for _ in range(count):
        # Each waits for the others, so that a pool that starts threads as they are needed starts all of them.
        pool.submit(started.wait)
    started.wait()
    # What a thread sets is also what threads to come begin with.
    torch.set_num_threads(own)
    return pool


def _alone() -> None:
    # Torch gives a thread its number when it first asks, which would undo what was set before.
    torch.get_num_threads()
    torch.set_num_threads(1)
