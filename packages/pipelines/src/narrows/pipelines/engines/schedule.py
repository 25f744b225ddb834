"""Who tries which unit next, knowing nothing of how units are done or of clusters."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

DEATHS = 3
"""Workers that an item may cost before it is set aside."""
MOST_DEATHS = 3 * DEATHS
"""Of a unit with no one item to blame, before all of it is set aside."""
COPIES = 2
"""Tries at a unit at a time, near the end."""


@dataclass(frozen=True)
class Try:
    """One try at a unit."""

    number: int
    """Counts tries of the run."""
    unit: int
    careful: bool


@dataclass(frozen=True)
class Death:
    """A process that died over a unit."""

    machine: str
    suspects: tuple[str, ...] | None
    """Items that it had in hand; None where that is not known."""


@dataclass
class Schedule:
    """The longest units first, tries that died before all others, and at the end second tries of what takes longest.

    A long unit that begins last is what all other workers wait for (the simulation in docs/scale.md).

    Args:
        count: units.
        sizes: about how long each takes, in any measure; units of one size, or of none known, go in their order.
    """

    count: int
    sizes: Sequence[float] = ()
    done: set[int] = field(default_factory=set)
    _waiting: deque[int] = field(default_factory=deque)
    _running: dict[int, Try] = field(default_factory=dict)
    """By number, oldest first."""
    _deaths: dict[int, list[Death]] = field(default_factory=dict)
    _tries: int = 0

    def __post_init__(self) -> None:
        sizes = self.sizes or [0.0] * self.count
        self._waiting.extend(sorted(range(self.count), key=lambda unit: -sizes[unit]))

    @property
    def finished(self) -> bool:
        """Whether every unit is done."""
        return len(self.done) == self.count

    def next(self, busy: Sequence[Try]) -> Try | None:
        """The next try for a worker, or None where there is nothing for it now.

        Args:
            busy: tries that the worker has already. A careful try has a worker for itself, so that a death is its own.
        """
        if any(one.careful for one in busy):
            return None
        for unit in self._waiting:
            careful = unit in self._deaths
            if not (careful and busy):
                self._waiting.remove(unit)
                return self._begin(unit, careful)
        return None if busy else self._second()

    def ended(self, one: Try, done: bool) -> bool:
        """A try ended; returns whether it is the first that did the unit."""
        self._running.pop(one.number, None)
        first = done and one.unit not in self.done
        if first:
            self.done.add(one.unit)
        elif one.unit not in self.done and not self._is_running(one.unit) and one.unit not in self._waiting:
            self._waiting.appendleft(one.unit)
        return first

    def died(self, one: Try, death: Death | None) -> None:
        """A try lost its process; None where it had not begun, so that the death is not its own."""
        if death is not None and one.unit not in self.done:
            self._deaths.setdefault(one.unit, []).append(death)
        self.ended(one, False)

    def to_set_aside(self, unit: int, lost: Sequence[str], items: Sequence[str]) -> list[str]:
        """Items of a unit that were in hand, with a worker for themselves, when `DEATHS` workers died.

        Deaths of whole machines do not count, nor those of which nobody noted what was in hand, as the first of a unit:
        processes are killed for reasons of their own, and a unit that is tried again and again meets more of them.

        Args:
            unit: that was lost just now.
            lost: machines that are gone.
            items: all that the unit has, set aside where it dies on and on with no one item in hand.
        """
        deaths = [death for death in self._deaths.get(unit, []) if death.machine not in lost]
        named = [death.suspects for death in deaths if death.suspects]
        culprits = [item for item in (named[-1] if named else ()) if sum(item in one for one in named) >= DEATHS]
        return culprits or (list(items) if len(deaths) >= MOST_DEATHS else [])

    def forgive(self, unit: int) -> None:
        """Forget the deaths of a unit whose culprits are set aside."""
        self._deaths.pop(unit, None)

    def _begin(self, unit: int, careful: bool) -> Try:
        self._tries += 1
        one = Try(self._tries, unit, careful)
        self._running[one.number] = one
        return one

    def _second(self) -> Try | None:
        """A second try of the unit that has been at work longest."""
        for one in self._running.values():
            running = [other for other in self._running.values() if other.unit == one.unit]
            if one.unit not in self.done and len(running) < COPIES and not one.careful:
                return self._begin(one.unit, False)
        return None

    def _is_running(self, unit: int) -> bool:
        return any(one.unit == unit for one in self._running.values())
