"""The global random number generators: seeding, saving, and keeping them untouched."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


def seed_all(seed: int) -> None:
    """Seed the generators of Python, NumPy and torch (all devices)."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def rng_state() -> dict[str, Any]:
    """The state of all generators, as tensors and plain values."""
    version, values, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "python": [version, list(values), gauss],
        "numpy": [str(name), torch.from_numpy(np.asarray(keys, dtype=np.int64)), position, has_gauss, cached],
    }


def set_rng_state(state: dict[str, Any]) -> None:
    """Go back to a state of `rng_state`."""
    version, values, gauss = state["python"]
    random.setstate((version, tuple(values), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.device_count() == len(state["cuda"]):
        torch.cuda.set_rng_state_all(state["cuda"])


@contextmanager
def seeded(seed: int, afterwards: int) -> Iterator[None]:
    """Run a block with seeded generators, and seed them anew behind it.

    Args:
        seed: inside the block.
        afterwards: behind it.
    """
    seed_all(seed)
    yield
    seed_all(afterwards)


@contextmanager
def preserved_rng(seed: int | None = None) -> Iterator[None]:
    """Run a block that leaves the generators as they were, so that nothing in it changes the course of training.

    Args:
        seed: seed of the generators inside the block; None keeps their state.
    """
    state = rng_state()
    try:
        if seed is not None:
            seed_all(seed)
        yield
    finally:
        set_rng_state(state)
