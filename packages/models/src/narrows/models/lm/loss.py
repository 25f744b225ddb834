"""What a language model says of codes, and its cross-entropy.

Letters: B batch, K codebooks, T frames, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

import torch
from torch import Tensor
from torch.nn import functional as F

IGNORED = -100
LARGEST = 700.0
"""Nats above which a perplexity is no number of double precision."""


def perplexities(nats: Iterable[tuple[int, float]]) -> dict[str, float]:
    """Perplexities by name, of cross-entropies by number of their codebook; without those too large for a number."""
    return {f"perplexity/{number}": exp(value) for number, value in nats if not value > LARGEST}


@dataclass(frozen=True)
class LMOutput:
    """Logits aligned with the codes that they predict."""

    logits: Tensor
    """`(B, K, T, V)`; NaN where there is no prediction."""
    mask: Tensor
    """`(B, K, T)`, true where there is one."""


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy in nats a token."""

    mean: Tensor
    """Mean over the codebooks that were predicted, weighted where weights were given: what training minimises."""
    per_codebook: Tensor
    """`(K,)`; NaN for a codebook of which nothing was predicted."""
    counts: Tensor
    """`(K,)`: tokens that were predicted."""
    sums: Tensor
    """`(K,)`: of all of them together, so that batches add up to one."""

    @property
    def perplexity(self) -> Tensor:
        """`(K,)`: as many tokens, equally likely, would be as hard to guess."""
        return self.per_codebook.exp()

    def bits_per_second(self, frame_rate: float) -> Tensor:
        """What the model would need to code the tokens, at a number of frames a second."""
        return self.per_codebook.nansum() / log(2) * frame_rate


def cross_entropy(
    logits: Tensor,
    targets: Tensor,
    counted: Tensor,
    label_smoothing: float = 0.0,
    codebook_weights: Sequence[float] | None = None,
    classes: Sequence[int] | None = None,
) -> CrossEntropy:
    """Cross-entropy of logits that are aligned with their targets.

    Args:
        logits: `(B, K, T, V)`, finite.
        targets: `(B, K, T)`.
        counted: `(B, K, T)`, true where a token counts.
        label_smoothing: share of the target that is spread over all tokens.
        codebook_weights: weight of each codebook in the mean; None for equal ones.
        classes: tokens that the head of each codebook tells apart; None for V.
    """
    chosen = torch.where(counted, targets, IGNORED)
    sizes = classes or [logits.shape[-1]] * logits.shape[1]
    sums = [
        F.cross_entropy(
            logits[:, k, :, :size].flatten(0, 1).float(),
            chosen[:, k].flatten(),
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=label_smoothing,
        )
        for k, size in enumerate(sizes)
    ]
    counts = counted.sum((0, 2))
    summed = torch.stack(sums)
    means = summed / counts.clamp(min=1)
    weights = means.new_ones(len(sizes)) if codebook_weights is None else means.new_tensor(list(codebook_weights))
    weights = weights * (counts > 0)
    mean = (means * weights).sum() / weights.sum().clamp(min=torch.finfo(means.dtype).tiny)
    return CrossEntropy(mean, means.masked_fill(counts == 0, float("nan")), counts, summed)
