"""How codebooks are used, and what their tokens cost.

Letters: B batch, L latent frames, K codebooks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from narrows.models.blocks.quantizers.health import health_of_counts


@dataclass(frozen=True)
class CodebookUse:
    """Use of one codebook."""

    size: int
    """Entries."""
    used: float
    """Share of the entries that occur, 0 to 1."""
    entropy: float
    """Bits a token, if coded ideally."""

    @property
    def perplexity(self) -> float:
        """Entries that would give this entropy if all were as frequent: `size` at best."""
        return math.pow(2.0, self.entropy)


class CodeCounts:
    """Counts how often each entry of each codebook occurs; memory grows with the entries that occur.

    Args:
        size: entries of a codebook.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._counts: list[tuple[Tensor, Tensor]] = []
        """Of each codebook, the entries that occur, in order, and how often."""

    def add(self, tokens: Tensor) -> None:
        """Count integer tokens `(B, K, L)`.

        Raises:
            ValueError: they are no tokens of codebooks of this size.
        """
        _check(tokens, self.size)
        found = [torch.unique(row, return_counts=True) for row in tokens.detach().transpose(0, 1).flatten(1)]
        self._counts = [_merged(*pair) for pair in zip(self._counts, found, strict=True)] if self._counts else found

    def use(self) -> list[CodebookUse]:
        """Use of every codebook so far."""
        return _use([counts for _, counts in self._counts], self.size)

    def dense(self) -> Tensor:
        """The counts of all entries, `(K, size)` in float64."""
        rows = [torch.zeros(self.size, dtype=torch.float64, device=ids.device) for ids, _ in self._counts]
        for row, (ids, counts) in zip(rows, self._counts, strict=True):
            row[ids] = counts.double()
        return torch.stack(rows)


class CodeCounter:
    """Counts the codes of training or validation batches.

    Args:
        bottleneck: a discrete one.
    """

    def __init__(self, bottleneck: Any) -> None:
        self._bottleneck = bottleneck
        self._counts: CodeCounts | None = None

    def add(self, info: Mapping[str, Any]) -> None:
        """Count a batch; frames that are padding do not count.

        Args:
            info: what the model reports, and `frame_mask` `(B, L)` where the batch is padded.
        """
        tokens: Tensor = self._bottleneck.tokens(info)
        if (mask := info.get("frame_mask")) is not None:
            tokens = tokens.transpose(1, 2)[mask].T[None]
        self._counts = self._counts or CodeCounts(self._bottleneck.codebook_size)
        self._counts.add(tokens)

    def take(self, reduce: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """Share of the codes that occur, and perplexity: the mean, and for each codebook when there are several.

        Counting starts anew. All processes call it after as many batches.

        Args:
            reduce: sums a tensor over all processes.
        """
        if self._counts is None:
            return {}
        uses, self._counts = _use(list(reduce(self._counts.dense())), self._bottleneck.codebook_size), None
        figures = {
            "codebook_use": sum(use.used for use in uses) / len(uses),
            "codebook_perplexity": sum(use.perplexity for use in uses) / len(uses),
        }
        if len(uses) > 1:
            for number, use in enumerate(uses, 1):
                figures |= {f"codebook_use/{number}": use.used, f"codebook_perplexity/{number}": use.perplexity}
        return figures


def code_counter(bottleneck: Any) -> CodeCounter | None:
    """A counter for a bottleneck, or None where it has no codebooks."""
    return CodeCounter(bottleneck) if bottleneck is not None and bottleneck.is_discrete else None


def codebook_use(codes: Tensor, codebook_size: int) -> list[CodebookUse]:
    """Use of every codebook.

    Args:
        codes: `(B, K, L)` integers, K codebooks.
        codebook_size: entries of each.

    Raises:
        ValueError: they are no tokens of codebooks of this size.
    """
    counts = CodeCounts(codebook_size)
    counts.add(codes)
    return counts.use()


def nominal_bitrate(codebook_size: int, codebooks: int, frame_rate: float) -> float:
    """Bits a second if every token costs the same.

    Args:
        codebook_size: entries of each codebook.
        codebooks: tokens a frame.
        frame_rate: latent frames a second.
    """
    return codebooks * math.log2(codebook_size) * frame_rate


def entropy_bitrate(codes: Tensor, codebook_size: int, frame_rate: float) -> float:
    """Bits a second if each codebook's tokens are coded ideally by their frequencies.

    Args:
        codes: `(B, K, L)` integers, K codebooks.
        codebook_size: entries of each.
        frame_rate: latent frames a second.
    """
    return frame_rate * sum(use.entropy for use in codebook_use(codes, codebook_size))


def _check(codes: Tensor, size: int) -> None:
    if codes.dim() != 3 or codes.is_floating_point():
        raise ValueError(f"Codes are integers (batch, codebooks, frames), got {codes.dtype} {tuple(codes.shape)}")
    if codes.numel() and not 0 <= int(codes.min()) <= int(codes.max()) < size:
        raise ValueError(f"Codes from {int(codes.min())} to {int(codes.max())} for a codebook of {size}")


def _merged(old: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The sum of two counts."""
    ids, place = torch.unique(torch.cat([old[0], new[0]]), return_inverse=True)
    counts = torch.zeros(len(ids), dtype=torch.int64, device=ids.device)
    return ids, counts.index_add_(0, place, torch.cat([old[1], new[1]]))


def _use(rows: Sequence[Tensor], size: int) -> list[CodebookUse]:
    healths = [health_of_counts(row[None], size) for row in rows]
    return [CodebookUse(size, float(h.usage), max(0.0, float(h.entropy_bits))) for h in healths]
