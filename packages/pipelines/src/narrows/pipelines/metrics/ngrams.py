"""Unigram and bigram models of tokens: what a language model has to beat.

Letters: B batch, K codebooks, T frames, V values of a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

MOST_TOKENS = 500_000
"""Tokens of a codebook that are counted; more would change such baselines little."""
PENDING = 65_536
"""Tokens of a codebook that are held before they are sorted into the counts."""
KINDS = ("unigram", "bigram", "bigram_codebook")
"""Contexts: none; the token of the frame before; the token of the codebook before in the same frame."""


class NGrams:
    """Counts tokens, and says how well the counts predict others.

    Probabilities of what is rare are smoothed by Witten and Bell (1991, The zero-frequency problem): a bigram falls
    back on the unigram, and that on the uniform distribution, by as much as the context has had different successors.

    Args:
        codebooks: K.
        size: values of a token (V).
        most: tokens of a codebook to count at most; later ones are passed over.
    """

    def __init__(self, codebooks: int, size: int, most: int = MOST_TOKENS) -> None:
        self.codebooks, self.size, self.most = codebooks, size, most
        self.counted = 0
        """Tokens of a codebook so far."""
        self._pairs = {kind: [Pairs() for _ in range(codebooks)] for kind in KINDS}

    @property
    def full(self) -> bool:
        """Whether further tokens are passed over."""
        return self.counted >= self.most

    def add(self, tokens: Tensor, lengths: Tensor | None = None) -> None:
        """Count tokens.

        Args:
            tokens: `(B, K, T)`, int64.
            lengths: frames of each item `(B,)`; None for T.
        """
        if self.full:
            return
        tokens = tokens.cpu()
        valid = _valid(tokens, lengths)
        for codebook in range(self.codebooks):
            for kind in KINDS:
                contexts, values, _ = _pairs(tokens, valid, codebook, kind)
                self._pairs[kind][codebook].add(contexts * self.size + values)
        self.counted += int(valid.sum())

    def cross_entropy(self, tokens: Tensor, lengths: Tensor | None = None) -> dict[str, Tensor]:
        """Sums of the cross-entropy of each codebook, in nats, by kind: `(K,)`, and `tokens` `(K,)` that were counted.

        Where a token has no context, e.g. in the first frame, a bigram takes the unigram.

        Args:
            tokens: `(B, K, T)`, int64.
            lengths: frames of each item `(B,)`; None for T.
        """
        tokens = tokens.cpu()
        valid = _valid(tokens, lengths)
        sums = {kind: torch.zeros(self.codebooks, dtype=torch.float64) for kind in KINDS}
        for codebook in range(self.codebooks):
            unigram = self._unigram(codebook)
            for kind in KINDS:
                contexts, values, alone = _pairs(tokens, valid, codebook, kind)
                likely = unigram[values]
                if kind != "unigram":
                    likely = self._pairs[kind][codebook].probabilities(contexts, values, likely, self.size)
                sums[kind][codebook] = -(likely.log().sum() + unigram[alone].log().sum())
        count = torch.full((self.codebooks,), float(valid.sum()), dtype=torch.float64)
        return {**sums, "tokens": count}

    def state_dict(self) -> dict[str, Any]:
        """Counts, as tensors and numbers."""
        return {"counted": self.counted} | {k: [pairs.state() for pairs in self._pairs[k]] for k in KINDS}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the counts of `state_dict`."""
        self.counted = int(state["counted"])
        for kind in KINDS:
            for pairs, given in zip(self._pairs[kind], state[kind], strict=True):
                pairs.load(given)

    def _unigram(self, codebook: int) -> Tensor:
        """Probability of each token: `(V,)`."""
        ids, counts = self._pairs["unigram"][codebook].counts()
        probabilities = torch.full((self.size,), 1 / self.size, dtype=torch.float64)
        if len(ids):
            probabilities *= len(ids)
            probabilities[ids] += counts.double()
            probabilities /= counts.sum() + len(ids)
        return probabilities


class Pairs:
    """How often each pair of context and token occurred; a pair is one number, `context * V + token`."""

    def __init__(self) -> None:
        self._ids = torch.empty(0, dtype=torch.int64)
        self._counts = torch.empty(0, dtype=torch.int64)
        self._pending: list[Tensor] = []

    def add(self, pairs: Tensor) -> None:
        """Count pairs `(N,)`."""
        self._pending.append(pairs)
        if sum(map(len, self._pending)) >= PENDING:
            self.counts()

    def counts(self) -> tuple[Tensor, Tensor]:
        """The pairs that occurred, in order, and how often."""
        if self._pending:
            ids, found = torch.unique(torch.cat(self._pending), return_counts=True)
            merged, place = torch.unique(torch.cat([self._ids, ids]), return_inverse=True)
            counts = torch.zeros(len(merged), dtype=torch.int64)
            self._counts = counts.index_add_(0, place, torch.cat([self._counts, found]))
            self._ids, self._pending = merged, []
        return self._ids, self._counts

    def probabilities(self, contexts: Tensor, values: Tensor, fallback: Tensor, size: int) -> Tensor:
        """Probability of each value behind its context `(N,)`, falling back on other ones where it is rare."""
        ids, counts = self.counts()
        if not len(ids):
            return fallback
        owners = ids // size
        total = torch.zeros(size, dtype=torch.float64).index_add_(0, owners, counts.double())
        different = torch.zeros(size, dtype=torch.float64).index_add_(0, owners, torch.ones_like(counts).double())
        wanted = contexts * size + values
        place = torch.searchsorted(ids, wanted).clamp(max=len(ids) - 1)
        seen = torch.where(ids[place] == wanted, counts[place], 0).double()
        known = total[contexts] > 0
        smoothed = (seen + different[contexts] * fallback) / (total + different)[contexts].clamp(min=1)
        return torch.where(known, smoothed, fallback)

    def state(self) -> dict[str, Any]:
        """Counts as they are, without sorting: cheap, since it is asked at every step."""
        return {"ids": self._ids, "counts": self._counts, "pending": list(self._pending)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._ids, self._counts, self._pending = state["ids"], state["counts"], list(state["pending"])


def _valid(tokens: Tensor, lengths: Tensor | None) -> Tensor:
    """`(B, T)`, true where an item has frames."""
    frames = torch.arange(tokens.shape[-1])
    if lengths is None:
        return torch.ones(len(tokens), len(frames), dtype=torch.bool)
    return frames < lengths.cpu()[:, None]


def _pairs(tokens: Tensor, valid: Tensor, codebook: int, kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """Contexts and tokens `(N,)` of a codebook, and the tokens that have no context."""
    values = tokens[:, codebook]
    none = values.new_empty(0)
    if kind == "unigram":
        found = values[valid]
        return torch.zeros_like(found), found, none
    if kind == "bigram":
        return values[:, :-1][valid[:, 1:]], values[:, 1:][valid[:, 1:]], values[:, 0][valid[:, 0]]
    if codebook == 0:
        return none, none, values[valid]
    return tokens[:, codebook - 1][valid], values[valid], none
