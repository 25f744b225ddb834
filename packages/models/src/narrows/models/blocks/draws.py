"""Random draws that come from a generator on any device, and end where the computation is."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def source(x: Tensor, generator: Generator | None) -> torch.device:
    """Where to draw: a generator draws on its own device only."""
    return x.device if generator is None else generator.device


def uniform(x: Tensor, generator: Generator | None = None) -> Tensor:
    """Numbers from 0 to 1 of a tensor's shape, filled in memory order as by `torch.rand_like`."""
    return torch.empty_like(x, device=source(x, generator)).uniform_(generator=generator).to(x.device)


def gaussian(x: Tensor, generator: Generator | None = None) -> Tensor:
    """Gaussian noise of a tensor's shape and type, filled in memory order as by `torch.randn_like`.

    Types of half precision get the noise of float32, rounded: a seed means the same noise in all of them.
    """
    dtype = torch.promote_types(x.dtype, torch.float32)
    return torch.empty_like(x, dtype=dtype, device=source(x, generator)).normal_(generator=generator).to(x)


def permutation(x: Tensor, generator: Generator | None = None) -> Tensor:
    """The rows of a tensor in random order, as indices."""
    return torch.randperm(len(x), generator=generator, device=source(x, generator)).to(x.device)


def integers(low: int, high: int, count: int, like: Tensor, generator: Generator | None = None) -> Tensor:
    """Integers from `low` to `high - 1`."""
    device = source(like, generator)
    return torch.randint(low, high, (count,), generator=generator, device=device).to(like.device)


def coins(chance: Tensor, generator: Generator | None = None) -> Tensor:
    """True with the given probabilities."""
    drawn = torch.bernoulli(chance.to(source(chance, generator)), generator=generator)
    return drawn.to(chance.device).bool()
