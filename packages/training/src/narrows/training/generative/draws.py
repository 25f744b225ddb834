"""Random numbers of a training step, by the place of an item among those of all processes.

Two processes that share a batch draw what one process draws for the whole of it: item i of process r of n has place
`i * n + r`, as data sets deal items out.

Letters: B batch.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.diffusion.noise import ItemNoise

SPREAD = 2**32
"""Seeds of steps are below it."""


@dataclass
class StepDraws:
    """Draws of one batch of a step; each name of a draw has numbers of its own.

    Not frozen: in mixed precision Fabric copies what a forward pass is given, and refuses frozen dataclasses.
    """

    seed: int
    rank: int = 0
    world_size: int = 1

    def shared(self, name: str) -> Generator:
        """A generator that is the same in all processes."""
        return Generator().manual_seed(_mixed(self.seed, name))

    def own(self, name: str) -> Generator:
        """A generator of this process."""
        return Generator().manual_seed(_mixed(self.seed, f"{name} {self.rank}"))

    def by_item(self, name: str, count: int, draw: Callable[[int, Generator], Tensor]) -> Tensor:
        """Numbers `(B,)` of the items of this process, out of those of all.

        Args:
            name: of the draw.
            count: B.
            draw: gives so many numbers from a generator.
        """
        return draw(count * self.world_size, self.shared(name))[self.rank :: self.world_size]

    def uniform(self, name: str, count: int) -> Tensor:
        """Numbers `(B,)` in [0, 1)."""
        return self.by_item(name, count, lambda total, generator: torch.rand(total, generator=generator))

    def gaussian(self, like: Tensor, name: str = "noise") -> Tensor:
        """Noise of a tensor's shape `(B, ...)`, drawn in float32 on the CPU, so that no device changes it."""
        places = [place * self.world_size + self.rank for place in range(len(like))]
        return ItemNoise([_mixed(self.seed, f"{name} {place}") for place in places]).gaussian(like)

    def python(self, name: str, place: int) -> random.Random:
        """Python's generator for an item of this process."""
        return random.Random(f"{self.seed} {name} {place * self.world_size + self.rank}")


def step_draws(fabric: Any) -> StepDraws:
    """The draws of a batch, after a number of the first process's global generator, whose state a checkpoint holds.

    All processes call it.
    """
    seed = int(torch.randint(SPREAD, ()))
    if fabric.world_size > 1:
        seed = fabric.broadcast(seed)
    return StepDraws(seed, fabric.global_rank, fabric.world_size)


def _mixed(seed: int, name: str) -> int:
    return random.Random(f"{seed} {name}").getrandbits(62)
