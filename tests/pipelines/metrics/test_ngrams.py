"""Unigram and bigram models of tokens."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.pipelines.metrics import ngrams
from narrows.pipelines.metrics.ngrams import NGrams


def naive(train: list[list[int]], test: list[list[int]], size: int) -> dict[str, float]:
    """Witten-Bell by the book, of one codebook: `train` and `test` are sequences."""
    unigrams = Counter(token for row in train for token in row)
    pairs = Counter(pair for row in train for pair in pairwise(row))
    total = sum(unigrams.values())

    def unigram(token: int) -> float:
        kinds = len(unigrams)
        return (unigrams[token] + kinds / size) / (total + kinds) if total else 1 / size

    def bigram(before: int, token: int) -> float:
        followers = {b: n for (a, b), n in pairs.items() if a == before}
        if not followers:
            return unigram(token)
        return (followers.get(token, 0) + len(followers) * unigram(token)) / (sum(followers.values()) + len(followers))

    return {
        "unigram": -sum(log(unigram(token)) for row in test for token in row),
        "bigram": -sum(
            log(bigram(row[i - 1], token) if i else unigram(token)) for row in test for i, token in enumerate(row)
        ),
    }


sequences = st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=0, max_size=5)


@given(train=sequences, test=sequences.filter(bool), cut=st.integers(1, 6))
def test_probabilities_are_those_of_the_book(train: list[list[int]], test: list[list[int]], cut: int) -> None:
    model = NGrams(2, 5)
    for row in train:
        model.add(torch.tensor([[row, row]]), torch.tensor([cut]))
    found = model.cross_entropy(torch.tensor(test)[:, None].repeat(1, 2, 1))
    expected = naive([row[:cut] for row in train], test, 5)
    for kind, value in expected.items():
        assert found[kind].tolist() == pytest.approx([value] * 2)
    assert found["tokens"].tolist() == [6 * len(test)] * 2


def test_a_codebook_that_copies_the_one_before_is_foreseen() -> None:
    generator = torch.Generator().manual_seed(0)
    first = torch.randint(8, (4, 1, 500), generator=generator)
    tokens = torch.cat([first, first], dim=1)
    model = NGrams(2, 8)
    model.add(tokens)
    found = model.cross_entropy(tokens)
    assert found["bigram_codebook"][0] == found["unigram"][0]
    assert found["bigram_codebook"][1] < 0.05 * found["unigram"][1]
    assert found["bigram"][1] > 0.9 * found["unigram"][1]


def test_counts_go_on_where_they_were_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorted in between or not, kept and restored or not; tokens beyond the limit are passed over."""
    batches = [torch.randint(8, (2, 2, 30), generator=torch.Generator().manual_seed(i)) for i in range(6)]
    whole, parts = NGrams(2, 8, most=240), NGrams(2, 8, most=240)
    for batch in batches[:4]:
        whole.add(batch)
    assert whole.full
    monkeypatch.setattr(ngrams, "PENDING", 40)
    for batch in batches:
        parts.add(batch)
        state = parts.state_dict()
        parts = NGrams(2, 8, most=240)
        parts.load_state_dict(state)
    one, other = whole.cross_entropy(batches[0]), parts.cross_entropy(batches[0])
    assert all(torch.equal(one[name], other[name]) for name in one)
