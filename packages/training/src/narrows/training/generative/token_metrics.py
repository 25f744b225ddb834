"""What is measured while a language model trains: cross-entropy, beside that of n-grams of the same training data.

Letters: B batch, K codebooks, T frames.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

import torch
from torch import Tensor

from narrows.models.lm.loss import perplexities
from narrows.pipelines.metrics.ngrams import NGrams

Reduce = Callable[[Tensor], Tensor]
BASELINES = ("unigram", "bigram")


class TokenMetrics:
    """Sums over steps and over a validation.

    Args:
        codebooks: K.
        codebook_size: values of a token.
        frame_rate: frames a second of sound.

    Attributes:
        ngrams: the baselines.
    """

    def __init__(self, codebooks: int, codebook_size: int, frame_rate: float) -> None:
        self.ngrams = NGrams(codebooks, codebook_size)
        self._frame_rate = frame_rate
        self._codebooks = codebooks
        self._trained: tuple[Tensor, Tensor] | None = None
        self._validated: dict[str, Tensor] = {}

    def train(self, sums: Tensor, counts: Tensor) -> None:
        """Add a step.

        Args:
            sums: cross-entropy of each codebook over the tokens of this process, `(K,)`.
            counts: tokens of all processes, `(K,)`.
        """
        before = self._trained
        self._trained = (sums, counts) if before is None else (before[0] + sums, before[1] + counts)

    def trained(self, reduce: Reduce) -> dict[str, float]:
        """Cross-entropy and perplexity of the steps since this was last called; all processes call it."""
        if self._trained is None:
            return {}
        sums, counts = self._trained
        self._trained = None
        return _by_codebook(reduce(sums.double()) / counts.double())

    def validate(self, codes: Tensor, lengths: Tensor | None, sums: Tensor, counts: Tensor) -> None:
        """Add a batch of validation.

        Args:
            codes: `(B, K, T)`.
            lengths: frames of each item `(B,)`; None for T.
            sums: cross-entropy of each codebook `(K,)`.
            counts: its tokens `(K,)`.
        """
        baselines = self.ngrams.cross_entropy(codes, lengths)
        values = {
            "model": sums.double().cpu(),
            "counts": counts.double().cpu(),
            **{name: baselines[name] for name in (*BASELINES, "tokens")},
        }
        for name, value in values.items():
            self._validated[name] = self._validated[name] + value if name in self._validated else value

    def validated(self, reduce: Reduce) -> dict[str, float]:
        """Metrics of the batches since this was last called; all processes call it."""
        totals = {name: reduce(value).cpu() for name, value in sorted(self._validated.items())}
        self._validated = {}
        if not totals:
            return {}
        means = {"": totals["model"] / totals["counts"]}
        means |= {kind: totals[kind] / totals["tokens"] for kind in BASELINES}
        return figures(means, self._frame_rate)


def figures(means: dict[str, Tensor], frame_rate: float) -> dict[str, float]:
    """Metrics of cross-entropies `(K,)` by what they are of: the model (an empty name), and baselines."""
    found: dict[str, float] = {}
    for kind, each in means.items():
        behind = f"/{kind}" if kind else ""
        found[f"cross_entropy{behind}"] = float(each.nanmean())
        found[f"bits_per_second{behind}"] = float(each.nansum()) / log(2) * frame_rate
    found |= perplexities(enumerate(means[""].tolist(), 1))
    for number in range(len(means[""])):
        for kind, each in means.items():
            found[f"codebook_{number + 1}/{kind or 'cross_entropy'}"] = float(each[number])
    return found


def _by_codebook(means: Tensor) -> dict[str, float]:
    values = [value for value in enumerate(means.tolist(), 1) if torch.isfinite(torch.tensor(value[1]))]
    found = {f"cross_entropy/{number}": value for number, value in values}
    return found | perplexities(values)
