"""What finished sessions say: figures by version, listeners that are screened, and every answer as CSV."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Any

from narrows.studio.listen import statistics
from narrows.studio.listen.anchors import ANCHORS
from narrows.studio.listen.plans import REFERENCE, right

MID_ANCHOR = list(ANCHORS)[-1]
COLUMNS = ("listener", "session", "trial", "item", "label", "version", "choice", "chosen", "right", "rating", "kept")


def results(test: dict[str, Any], sessions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`listeners` and `versions` of `StudioResults`.

    Args:
        test: the test's document.
        sessions: those that are over.
    """
    reasons = {session["id"]: _reason(test["kind"], session) for session in sessions}
    kept = [session for session in sessions if not reasons[session["id"]]]
    figures = {"abx": _abx, "mushra": _mushra, "preference": _preference}[test["kind"]](kept)
    listeners = [
        {"name": one["listener"], "kept": not reasons[one["id"]], "reason": reasons[one["id"]]} for one in sessions
    ]
    return {"listeners": listeners, "versions": figures}


def _trials(sessions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for session in sessions:
        yield from session["trials"]


def _figure(name: str, count: int, value: float | None, interval: Any, **more: Any) -> dict[str, Any]:
    low, high = interval or (None, None)
    base = {"name": name, "count": count, "ties": 0, "value": value, "low": low, "high": high}
    return {**base, "median": None, "p": None, **more}


def _abx(sessions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    answers: dict[str, list[bool]] = defaultdict(list)
    for trial in _trials(sessions):
        version = next(name for name in trial["labels"].values() if name != REFERENCE)
        answers[version].append(right(trial))
    return [
        _figure(
            name,
            len(given),
            mean(given),
            statistics.share_interval(sum(given), len(given)),
            p=statistics.guessing(sum(given), len(given)),
        )
        for name, given in sorted(answers.items())
    ]


def _mushra(sessions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ratings: dict[str, list[float]] = defaultdict(list)
    for trial in _trials(sessions):
        for label, value in trial["answer"]["ratings"].items():
            ratings[trial["labels"][label]].append(value)
    return [
        _figure(name, len(given), mean(given), statistics.mean_interval(given), median=statistics.middle(given))
        for name, given in sorted(ratings.items(), key=lambda pair: -mean(pair[1]))
    ]


def _preference(sessions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    answers: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for trial in _trials(sessions):
        labels, choice = trial["labels"], trial["answer"]["choice"]
        answers[tuple(sorted(labels.values()))].append(labels.get(choice))
    figures = []
    for (first, second), given in sorted(answers.items()):
        count, wins = sum(name is not None for name in given), sum(name == first for name in given)
        figures.append(
            _figure(
                f"{first} | {second}",
                count,
                wins / count if count else None,
                statistics.share_interval(wins, count),
                ties=len(given) - count,
                p=statistics.unevenness(wins, count),
            )
        )
    return figures


def _reason(kind: str, session: dict[str, Any]) -> str:
    if kind != "mushra":
        return ""
    rated: dict[str, list[float]] = defaultdict(list)
    for trial in session["trials"]:
        for label, value in trial["answer"]["ratings"].items():
            rated[trial["labels"][label]].append(value)
    return statistics.screening(rated[REFERENCE], rated[MID_ANCHOR])


def table(test: dict[str, Any], sessions: Sequence[dict[str, Any]]) -> str:
    """Every label of every trial as a line of CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for session in sessions:
        kept = not _reason(test["kind"], session)
        for number, trial in enumerate(session["trials"]):
            for row in _rows(test, trial):
                place = {"listener": session["listener"], "session": session["id"], "trial": number, "kept": kept}
                writer.writerow({key: _plain(value) for key, value in {**place, **row}.items()})
    return text.getvalue()


def _rows(test: dict[str, Any], trial: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answer = trial["answer"]
    chosen = trial["labels"].get(answer["choice"])
    common = {"item": test["items"][trial["item"]]["name"], "choice": answer["choice"], "chosen": chosen}
    if test["kind"] == "abx":
        common["right"] = right(trial)
    for label, version in trial["labels"].items():
        yield {**common, "label": label, "version": version, "rating": answer["ratings"].get(label)}


def _plain(value: Any) -> Any:
    """A value that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
