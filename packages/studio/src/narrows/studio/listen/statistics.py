"""Statistics of listening tests."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median, stdev

from scipy import stats

LEVEL = 0.95
"""Of confidence intervals."""
Interval = tuple[float, float]


def guessing(right: int, trials: int) -> float:
    """Probability of at least so many right answers of an ABX test by guessing (one-sided binomial test)."""
    return float(stats.binomtest(right, trials, 0.5, alternative="greater").pvalue) if trials else 1.0


def unevenness(first: int, trials: int) -> float:
    """Probability of a preference at least so uneven between two that are alike (two-sided binomial test)."""
    return float(stats.binomtest(first, trials, 0.5).pvalue) if trials else 1.0


def share_interval(right: int, trials: int) -> Interval | None:
    """Confidence interval of a share (Clopper and Pearson 1934: exact); None without trials."""
    if not trials:
        return None
    found = stats.binomtest(right, trials, 0.5).proportion_ci(LEVEL, method="exact")
    return float(found.low), float(found.high)


def mean_interval(ratings: Sequence[float]) -> Interval | None:
    """Confidence interval of a mean by Student's t, as ITU-R BS.1534 gives it; None for less than two ratings."""
    if len(ratings) < 2:
        return None
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(ratings) - 1)) * stdev(ratings) / len(ratings) ** 0.5
    return mean(ratings) - half, mean(ratings) + half


def middle(ratings: Sequence[float]) -> float | None:
    """Median; None without ratings."""
    return float(median(ratings)) if ratings else None


SCREENED, TOO_LOW, TOO_HIGH = 0.15, 90.0, 90.0


def screening(reference: Sequence[float], mid_anchor: Sequence[float]) -> str:
    """Why ratings of a listener are left out (ITU-R BS.1534-3, section 4.1.2); empty where they are kept.

    Args:
        reference: ratings of the hidden reference, one an item.
        mid_anchor: ratings of the anchor at 7 kHz; empty where there is none.
    """
    if reference and sum(value < TOO_LOW for value in reference) > SCREENED * len(reference):
        return f"rated the hidden reference below {TOO_LOW:g} in more than {SCREENED:.0%} of the items"
    if mid_anchor and sum(value > TOO_HIGH for value in mid_anchor) > SCREENED * len(mid_anchor):
        return f"rated the anchor at 7 kHz above {TOO_HIGH:g} in more than {SCREENED:.0%} of the items"
    return ""
