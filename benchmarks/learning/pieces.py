"""A piece of a study: the arms of one seed, trained in turn a few seconds at a time.

The time of an arm is the processor time of its steps, so other programs on the machine change nothing but how long one
waits; and as the arms take turns, what slows the processor down meanwhile slows all of them down.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from learning.contenders import Contender, Narrows, Reference
from learning.figures import measured, used
from learning.sounds import Sounds
from learning.studies import Study

TURN_SECONDS = 5.0
"""Processor seconds that an arm trains before the next one does."""
TIMED = 6
"""Steps by which the steps of a budget are estimated."""
LATE = 1_000_000
"""A step at which everything takes part that waits for its turn, e.g. a discriminator."""


@dataclass(frozen=True)
class Budget:
    """When an arm has trained enough: processor seconds, or steps where they are given."""

    seconds: float
    steps: int | None = None

    @property
    def size(self) -> float:
        """The budget in its own unit."""
        return self.seconds if self.steps is None else float(self.steps)

    @property
    def about(self) -> str:
        """For a person."""
        return f"{self.seconds:g} processor seconds" if self.steps is None else f"{self.steps} steps"


@dataclass
class Training:
    """An arm that is being trained."""

    contender: Contender
    budget: Budget
    seed: int
    batch_size: int
    samples: int
    measurements: int
    """Over the budget, evenly."""
    steps: int = 0
    taken: int = 0
    """Batches so far."""
    seconds: float = 0.0
    """Processor seconds of its steps."""
    losses: list[float] = field(default_factory=list)
    checks: list[dict[str, float]] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """What of the budget is used."""
        return self.seconds if self.budget.steps is None else float(self.steps)

    @property
    def done(self) -> bool:
        """Whether the budget is used up."""
        return self.spent >= self.budget.size

    def turn(self, sounds: Sounds) -> None:
        """Train for a turn, up to the next measurement, and measure if that is reached."""
        end = self.seconds + TURN_SECONDS
        check = self.budget.size * (len(self.checks) + 1) / self.measurements
        while self.seconds < end and self.spent < check:
            self.advance(sounds)
        if self.spent >= check:
            with self.contender.evaluated() as model:
                figures = measured(model, sounds, self.samples)
                figures |= used(model, sounds) if self.done else {}
            self.checks.append({"steps": self.steps, "seconds": self.seconds, **figures})

    def advance(self, sounds: Sounds) -> None:
        """Train for a step."""
        count = self.contender.batches(self.steps)
        batches = [sounds.batch(self.seed, self.taken + i, self.batch_size, self.samples) for i in range(count)]
        before = time.process_time()
        loss = self.contender.step(batches, self.steps)
        self.seconds += time.process_time() - before
        self.steps, self.taken = self.steps + 1, self.taken + count
        if not math.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss} at step {self.steps}")
        self.losses.append(loss)


def train_piece(study: Study, arms: list[str], seed: int, budget: Budget, sounds: Sounds) -> list[dict[str, Any]]:
    """Train the arms of a seed in turn; a row of results for each.

    An arm whose loss is no longer finite ends there; its row has an `error` and what was measured before.
    """
    trainings = {arm: _started(study, arm, seed, budget, sounds) for arm in arms}
    errors: dict[str, str] = {}
    left = list(arms)
    while left:
        for arm in list(left):
            try:
                trainings[arm].turn(sounds)
            except FloatingPointError as error:
                errors[arm] = str(error)
            if trainings[arm].done or arm in errors:
                left.remove(arm)
    return [_row(arm, trainings[arm], errors) for arm in arms]


def _started(study: Study, arm: str, seed: int, budget: Budget, sounds: Sounds) -> Training:
    steps = budget.steps
    if steps is None and study.follows_steps(arm):
        steps = max(1, round(budget.seconds / _seconds_of_a_step(_training(study, arm, seed, budget), sounds)))
    return _training(study, arm, seed, budget, steps)


def _training(study: Study, arm: str, seed: int, budget: Budget, steps: int | None = None) -> Training:
    document = study.document(arm, steps)
    config = document["model_config"]
    build = Reference if study.arms[arm].trainer == "reference" else Narrows
    sizes = int(document["batch_size"]), int(config["sample_size"])
    return Training(build(config, seed), budget, seed, *sizes, study.checks)


def _seconds_of_a_step(training: Training, sounds: Sounds) -> float:
    """Processor seconds of a step late in a training, which is thrown away."""
    training.steps = LATE
    training.advance(sounds)
    before = training.seconds
    for _ in range(TIMED):
        training.advance(sounds)
    return (training.seconds - before) / TIMED


def _row(arm: str, training: Training, errors: Mapping[str, str]) -> dict[str, Any]:
    row = {
        "arm": arm,
        "seed": training.seed,
        "budget": training.budget.about,
        "steps": training.steps,
        "seconds": training.seconds,
        "ms_a_step": 1000 * training.seconds / max(1, training.steps),
        "checks": training.checks,
    }
    return row | ({"error": errors[arm]} if arm in errors else {})
