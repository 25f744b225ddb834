"""Drawing tokens as stable-audio-tools and AudioCraft do, from torch's global generator."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from narrows.models.lm.sampling import likeliest, noise_of, nucleus, pick


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Tokens `(..., num_samples)` by their probabilities `(..., V)`.

    One token is the largest quotient of probability and exponential noise; several are `torch.multinomial`.
    """
    if num_samples == 1:
        return pick(input, noise_of(generator))
    flat = input.reshape(-1, input.shape[-1])
    drawn = torch.multinomial(flat, num_samples, replacement, generator=generator)
    return drawn.reshape(*input.shape[:-1], -1)


def sample_top_k(probs: Tensor, k: int) -> Tensor:
    """A token `(..., 1)` of the k likeliest; `probs` `(..., V)` becomes their distribution, as in the references."""
    probs.copy_(likeliest(probs, k))
    return multinomial(probs, 1)


def sample_top_p(probs: Tensor, p: float) -> Tensor:
    """A token `(..., 1)` of the likeliest that have the share `p` together."""
    ordered, tokens = nucleus(probs, p)
    return tokens.gather(-1, multinomial(ordered, 1))
