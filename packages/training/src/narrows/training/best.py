"""The best model of a run, by a metric of validation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from narrows.configs import NarrowsError
from narrows.pipelines.metrics import HIGHER_IS_BETTER


class UnknownMetricError(NarrowsError, ValueError):
    """`best_metric` names no metric of the validation."""


class Best:
    """Remembers the best value of a metric.

    Args:
        metric: its name.
        records: of `metrics.jsonl`, logged before.
    """

    def __init__(self, metric: str, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self.metric = metric
        self.sign = 1.0 if metric.partition("/")[0] in HIGHER_IS_BETTER else -1.0
        self.value = -math.inf
        self.step: int | None = None
        for record in records:
            if record["split"] == "val" and record.get(metric) is not None:
                self.improves(record["step"], record)

    def improves(self, step: int, metrics: Mapping[str, float]) -> bool:
        """Whether a validation is better than all before; the model before the first step never is.

        Raises:
            UnknownMetricError: there is no such metric.
        """
        if self.metric not in metrics:
            known = sorted(metrics.keys() - {"step", "split"})
            near = get_close_matches(self.metric, known, 1)
            meant = f". Did you mean {near[0]!r}?" if near else ""
            raise UnknownMetricError(
                f"best_metric is {self.metric!r}, but validation measures only {', '.join(known)}{meant}"
            )
        value = self.sign * metrics[self.metric]
        if step == 0 or not value > self.value:
            return False
        self.value, self.step = value, step
        return True


def create_best(metric: str | None, default: str, records: Iterable[Mapping[str, Any]], step: int) -> Best | None:
    """The best validation so far.

    Args:
        metric: the experiment's `best_metric`: a name, `auto` for the trainer's own, or None for none.
        default: the trainer's own.
        records: of earlier validations; those behind the step at which the run goes on do not count.
        step: at which the run goes on.
    """
    before = [record for record in records if record["step"] <= step]
    return None if metric is None else Best(default if metric == "auto" else metric, before)
