"""How codebooks are used, counted over batches.

Letters: B batch, L latent frames, K codebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from narrows.models.blocks.quantizers.health import count_codes, health_of_counts


class CodeCounter:
    """Counts the codes of batches.

    Args:
        bottleneck: a discrete one.
    """

    def __init__(self, bottleneck: Any) -> None:
        self._bottleneck = bottleneck
        self._counts: Tensor | None = None

    def add(self, info: Mapping[str, Any]) -> None:
        """Count a batch; frames that are padding do not count.

        Args:
            info: of `AutoencoderForward`.
        """
        tokens: Tensor = self._bottleneck.tokens(info)
        if (mask := info.get("frame_mask")) is not None:
            tokens = tokens.transpose(1, 2)[mask].T[None]
        counts = count_codes(tokens.detach(), self._bottleneck.codebook_size)
        self._counts = counts if self._counts is None else self._counts + counts

    def take(self, reduce: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """Share of the codes that occur, and perplexity: the mean, and for each codebook when there are several.

        Counting starts anew. All processes call it after as many batches.

        Args:
            reduce: sums a tensor over all processes.
        """
        if self._counts is None:
            return {}
        health, self._counts = health_of_counts(reduce(self._counts.double())), None
        figures = {"codebook_use": float(health.usage.mean()), "codebook_perplexity": float(health.perplexity.mean())}
        if len(health.usage) > 1:
            for number, (usage, perplexity) in enumerate(zip(health.usage, health.perplexity, strict=True), 1):
                figures |= {f"codebook_use/{number}": float(usage), f"codebook_perplexity/{number}": float(perplexity)}
        return figures


def code_counter(bottleneck: Any) -> CodeCounter | None:
    """A counter for a bottleneck, or None where it has no codebooks."""
    return CodeCounter(bottleneck) if bottleneck is not None and bottleneck.is_discrete else None
