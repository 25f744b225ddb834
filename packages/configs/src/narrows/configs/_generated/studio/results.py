# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from . import listening_test


class StudioListenerResult(ConfigModel):
    """
    One finished session.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: str
    """
    Of the listener.
    """
    kept: bool
    """
    Whether screening keeps the ratings.
    """
    reason: str
    """
    Why not; empty where it does.
    """


class StudioVersionResult(ConfigModel):
    """
    Figures of a version over the listeners that are kept.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: str
    """
    Of the version; for preference tests `first | second`.
    """
    count: int
    """
    Trials or ratings; ties are left out.
    """
    ties: int
    """
    Answers without a preference.
    """
    value: float | None
    """
    Share of right answers (ABX), of answers for the first (preference), or the mean rating (MUSHRA).
    """
    low: float | None
    """
    Lower end of the 95 % confidence interval.
    """
    high: float | None
    """
    Upper end.
    """
    median: float | None
    """
    Median rating; null but for MUSHRA.
    """
    p: float | None
    """
    Probability of so many right answers, or of so uneven a preference, by guessing; null for MUSHRA.
    """


class StudioResults(ConfigModel):
    """
    What finished sessions of a test say.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    test: listening_test.StudioListeningTest
    """
    The test.
    """
    listeners: list[StudioListenerResult]
    """
    Who has finished.
    """
    versions: list[StudioVersionResult]
    """
    Figures of each version, or of each pair for preference tests.
    """
