"""The local engine: units one after the other in this process, the next one read while this one is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from narrows.pipelines.engines.jobs import Alone, Attempt, Reader, Worker


def run_locally(
    reader: Reader, worker: Worker, units: Sequence[Any], attempt: Callable[[Any], Attempt] = lambda unit: Alone()
) -> Iterator[Any]:
    """Do units in their order.

    Args:
        reader: the reading stage; it is left open.
        worker: the stage with the model.
        units: of the plan.
        attempt: makes the try at a unit.

    Yields:
        What the worker returns for each.
    """
    tries = [attempt(unit) for unit in units]
    started = [reader.start(units[0], tries[0])] if units else []
    for number, unit in enumerate(units):
        blocks = started.pop()
        if number + 1 < len(units):
            started.append(reader.start(units[number + 1], tries[number + 1]))
        yield worker.work(unit, blocks, tries[number])
