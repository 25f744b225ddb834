"""The trials of a listener: which sounds stand behind which labels, and in what order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from typing import Any

REFERENCE = "reference"
REPEATS = {"abx": 10, "preference": 1, "mushra": 1}
QUESTIONS = {
    "abx": "Is X the same as A or as B?",
    "preference": "Which one is better?",
    "mushra": "How close is each to the reference? 100 is no difference.",
}
CHOICES = {"abx": ["A", "B"], "preference": ["A", "none", "B"], "mushra": []}


def trials_of(kind: str, items: Sequence[Sequence[str]], repeats: int, seed: str) -> list[dict[str, Any]]:
    """Trials, each `{"item": position, "labels": {label: name of a version}}`.

    Args:
        kind: `abx`, `mushra` or `preference`.
        items: names of the versions of each item, the reference and anchors not among them for ABX and preference.
        repeats: trials of each version (ABX) or of each pair of an item (preference).
        seed: of all draws; every listener has another one.
    """
    draw = random.Random(seed)
    made = {"abx": _abx, "mushra": _mushra, "preference": _preference}[kind](items, repeats, draw)
    draw.shuffle(made)
    return made


def _abx(items: Sequence[Sequence[str]], repeats: int, draw: random.Random) -> list[dict[str, Any]]:
    trials = []
    for version in sorted({name for names in items for name in names}):
        places = [position for position, names in enumerate(items) if version in names]
        for number in range(repeats):
            pair = [REFERENCE, version]
            draw.shuffle(pair)
            labels = {"A": pair[0], "B": pair[1], "X": draw.choice(pair)}
            trials.append({"item": places[number % len(places)], "labels": labels})
    return trials


def _mushra(items: Sequence[Sequence[str]], repeats: int, draw: random.Random) -> list[dict[str, Any]]:
    trials = []
    for position, names in enumerate(items):
        order = [REFERENCE, *names]
        draw.shuffle(order)
        labels = {str(number): name for number, name in enumerate(order, 1)}
        trials.append({"item": position, "labels": {"Reference": REFERENCE, **labels}})
    return trials


def _preference(items: Sequence[Sequence[str]], repeats: int, draw: random.Random) -> list[dict[str, Any]]:
    trials = []
    for position, names in enumerate(items):
        for pair in combinations(sorted(names) if len(names) > 1 else [*names, REFERENCE], 2):
            for _ in range(repeats):
                sides = list(pair)
                draw.shuffle(sides)
                trials.append({"item": position, "labels": dict(zip("AB", sides, strict=True))})
    return trials


def rated(kind: str, labels: Sequence[str]) -> list[str]:
    """Labels that get a rating."""
    return [label for label in labels if label != "Reference"] if kind == "mushra" else []


def right(trial: dict[str, Any]) -> bool:
    """Whether an ABX trial was answered rightly."""
    labels = trial["labels"]
    return bool(labels[trial["answer"]["choice"]] == labels["X"])
