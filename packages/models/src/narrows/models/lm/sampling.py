"""Drawing tokens: temperature, top-k and top-p, with noise from where the caller says.

Letters: B batch, K codebooks, V values of a token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from narrows.models.lm.errors import LanguageModelError

Noise = Callable[[Tensor], Tensor]
"""Exponential noise of the shape of a tensor of probabilities."""


@dataclass(frozen=True)
class Draw:
    """How tokens are drawn.

    Args:
        temperature: divides the logits; 0 takes the likeliest token.
        top_k: draw from so many of the likeliest tokens; 0, or more than there are, for all.
        top_p: draw from the likeliest tokens with this share together; 0 for all. It wins over `top_k`.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.0

    def __post_init__(self) -> None:
        for name, good, wanted in (
            ("temperature", self.temperature >= 0, "at least 0"),
            ("top_k", self.top_k >= 0, "at least 0"),
            ("top_p", 0 <= self.top_p <= 1, "from 0 to 1"),
        ):
            if not good:
                raise LanguageModelError(f"{name} must be {wanted}, got {getattr(self, name)}")

    def __call__(self, logits: Tensor, noise: Noise) -> Tensor:
        """Tokens `(...)` of logits `(..., V)`."""
        if self.temperature == 0:
            return logits.argmax(-1)
        probabilities = torch.softmax(logits.float() / self.temperature, dim=-1)
        if self.top_p > 0:
            ordered, tokens = nucleus(probabilities, self.top_p)
            return tokens.gather(-1, pick(ordered, noise)).squeeze(-1)
        if self.top_k > 0:
            probabilities = likeliest(probabilities, self.top_k)
        return pick(probabilities, noise).squeeze(-1)


def likeliest(probabilities: Tensor, k: int) -> Tensor:
    """Probabilities of the k likeliest tokens and of those as likely as the last of them; zero for others."""
    least = probabilities.topk(min(k, probabilities.shape[-1]), dim=-1).values[..., -1:]
    kept = probabilities * (probabilities >= least)
    return kept / kept.sum(-1, keepdim=True)


def nucleus(probabilities: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """Probabilities in falling order, those behind a share p zero (Holtzman et al. 2020), and their tokens."""
    ordered, tokens = probabilities.sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    kept = ordered * ~(before > p)
    return kept / kept.sum(-1, keepdim=True), tokens


def pick(probabilities: Tensor, noise: Noise) -> Tensor:
    """One token `(..., 1)` by its probability: the largest quotient of probability and exponential noise."""
    return (probabilities / noise(probabilities)).argmax(-1, keepdim=True)


def noise_of(source: Generator | Sequence[Generator] | None) -> Noise:
    """Exponential noise from a source.

    Args:
        source: one generator for the batch; one an item, so that items do not depend on each other; or None for
            torch's global one, as in stable-audio-tools. Numbers are drawn where the generator is and then moved.
    """
    if source is None or isinstance(source, Generator):
        return lambda p: _exponential(p, p.shape, source)
    return lambda p: torch.stack([_exponential(p, p.shape[1:], generator) for generator in source])


def _exponential(like: Tensor, shape: Sequence[int], generator: Generator | None) -> Tensor:
    device = like.device if generator is None else generator.device
    return torch.empty(shape, dtype=like.dtype, device=device).exponential_(generator=generator).to(like.device)
