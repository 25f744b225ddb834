"""Spans of hidden frames: drawn for training, and chosen again and again in generation.

Letters: B batch, T frames, L frames of a span, N spans.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

NEVER = -1e4
"""Score of what is not hidden again."""


@lru_cache(maxsize=512)
def hidden_shares(frames: int, span: int) -> Tensor:
    """The share of T frames that u spans hide on average, for u from 0 to T - 1: their starts differ, their frames may
    not (Ziv et al. 2024, appendix C).
    """
    starts = torch.arange(frames - 1, dtype=torch.float64)
    shown = ((frames - span - starts).clamp(min=0) / (frames - starts)).cumprod(0)
    return torch.cat((shown.new_zeros(1), 1 - shown))


def draw_spans(frames: int, span: int, share: float, generator: Generator | None) -> Tensor:
    """Hide about a share of T frames in spans, at least one: `(T,)`, true where hidden."""
    count = max(int(torch.searchsorted(hidden_shares(frames, span), share)), 1)
    device = "cpu" if generator is None else generator.device
    starts = torch.rand(frames, generator=generator, device=device).argsort() < count
    return widened(starts.cpu(), span)


def widened(starts: Tensor, span: int) -> Tensor:
    """`(..., T)`: true for L frames from each start on."""
    padded = F.pad(starts, (min(span, starts.shape[-1]) - 1, 0))
    return padded.unfold(-1, min(span, starts.shape[-1]), 1).any(-1)


class Arrangement(Protocol):
    """Which spans there are, how sure a model is of them, and which are hidden again."""

    def free(self) -> Tensor:
        """How many units there are to fill in: `(B,)`."""
        ...

    def hidden(self, scores: Tensor, counts: Tensor) -> Tensor:
        """Frames `(B, T)` of about as many of the highest scores as `counts` `(B,)` says."""
        ...

    def start(self) -> Tensor:
        """Scores before the first step."""
        ...

    def scores(self, probabilities: Tensor, hidden: Tensor) -> Tensor:
        """Scores of tokens that were drawn with these probabilities `(B, T)`, hidden before or not `(B, T)`."""
        ...


class Grid:
    """Spans side by side; the last one may be shorter.

    Args:
        held: `(B, T)`, true for frames that are given.
        span: L.
        scoring: `max` or `prod`, of the probabilities of a span's tokens.
    """

    def __init__(self, held: Tensor, span: int, scoring: str) -> None:
        self.frames, self.span, self.scoring = held.shape[-1], span, scoring
        self.fixed = self._spans(held, True).all(-1)

    def free(self) -> Tensor:
        """See `Arrangement`: spans with a frame that is not given."""
        return (~self.fixed).sum(-1)

    def start(self) -> Tensor:
        """See `Arrangement`."""
        return torch.zeros(self.fixed.shape, device=self.fixed.device).masked_fill(self.fixed, NEVER)

    def hidden(self, scores: Tensor, counts: Tensor) -> Tensor:
        """See `Arrangement`."""
        chosen = _ranks(scores) < counts[:, None]
        return chosen.repeat_interleave(self.span, dim=-1)[:, : self.frames]

    def scores(self, probabilities: Tensor, hidden: Tensor) -> Tensor:
        """See `Arrangement`."""
        if self.scoring == "max":
            scores = 1 - self._spans(probabilities, 0.0).amax(-1)
        else:
            scores = -self._spans(probabilities.log(), 0.0).sum(-1)
        return scores.masked_fill(~self._spans(hidden, False).any(-1), NEVER)

    def _spans(self, x: Tensor, rest: float) -> Tensor:
        """`(B, T)` as `(B, N, L)`."""
        return torch.unflatten(F.pad(x, (0, -self.frames % self.span), value=rest), -1, (-1, self.span))


class Anywhere:
    """Spans that begin at any frame and overlap; how sure a span is, is the product of its tokens' probabilities.

    Args:
        held: `(B, T)`, true for frames that are given.
        span: L.
    """

    def __init__(self, held: Tensor, span: int) -> None:
        self.held, self.span = held, min(span, held.shape[-1])

    def free(self) -> Tensor:
        """See `Arrangement`: frames."""
        return (~self.held).sum(-1)

    def start(self) -> Tensor:
        """See `Arrangement`."""
        return torch.zeros(self.held.shape, device=self.held.device).masked_fill(self.held, NEVER)

    def hidden(self, scores: Tensor, counts: Tensor) -> Tensor:
        """See `Arrangement`: of the spans in the order of their scores as many as hide no more frames."""
        order = _ranks(scores.unfold(-1, self.span, 1).sum(-1))  # (B, T - L + 1)
        around = F.pad(order, (self.span - 1, self.span - 1), value=order.shape[-1])
        first = around.unfold(-1, self.span, 1).amin(-1)  # the first span in this order that hides a frame
        covered = torch.stack([torch.bincount(row, minlength=order.shape[-1]) for row in first]).cumsum(-1)
        most = (covered <= counts.clamp(min=self.span)[:, None]).sum(-1).clamp(min=1)
        return first < most[:, None]

    def scores(self, probabilities: Tensor, hidden: Tensor) -> Tensor:
        """See `Arrangement`."""
        return (-probabilities.log()).masked_fill(~hidden, NEVER)


def _ranks(scores: Tensor) -> Tensor:
    """Place of each score among those of its row, the highest first."""
    return scores.argsort(dim=-1, descending=True, stable=True).argsort(dim=-1)
