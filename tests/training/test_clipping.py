"""Clipping to a percentile of the last gradient norms."""

import math

import numpy as np
import pytest

from narrows.training.optim.clipping import NEEDED, REMEMBERED, NormPercentile


def test_the_limit_is_the_percentile_of_what_is_remembered():
    usual = NormPercentile(90)
    norms = np.random.default_rng(0).lognormal(size=2 * REMEMBERED)
    for norm in norms:
        usual.add(norm)
    assert usual.limit() == pytest.approx(np.percentile(norms[-REMEMBERED:], 90))


def test_nothing_is_clipped_before_there_are_enough():
    usual = NormPercentile(10)
    for _ in range(NEEDED - 1):
        usual.add(1.0)
    usual.add(math.nan)
    usual.add(math.inf)
    assert usual.limit() == math.inf
    usual.add(1.0)
    assert usual.limit() == 1.0


def test_the_norms_are_saved():
    usual, again = NormPercentile(50), NormPercentile(50)
    for norm in range(REMEMBERED + 5):
        usual.add(norm)
    again.load_state_dict(usual.state_dict())
    assert again.limit() == usual.limit()
    again.add(0.0)
    assert len(again.state_dict()) == REMEMBERED
