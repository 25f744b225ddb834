"""What is asked of models about files, apart from where it is asked: in this process, or on other machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class File(NamedTuple):
    """A file to evaluate."""

    name: str
    """To show."""
    path: Path


class Inquiry(Protocol):
    """A question that is put to models about one unit after the other: a file, or a few. It is pickled."""

    @property
    def block_bytes(self) -> int:
        """About the bytes of what is read of a unit and what is answered, whichever is more."""
        ...

    def names(self, unit: Any) -> Sequence[str]:
        """Of the files of a unit."""
        ...

    def read(self, unit: Any) -> Any:
        """Audio of a unit, decoded and resampled; or, as a `str`, why there is none."""
        ...

    def seconds(self, block: Any) -> float:
        """Of the audio that `read` gave."""
        ...

    def answerer(self, models: Any) -> Callable[[Any, Any], Any]:
        """What is asked: given a unit and what `read` gave of it, it returns the answer.

        Args:
            models: in eval mode, on their devices.
        """
        ...


Ask = Callable[[Inquiry, Sequence[Any]], Iterable[Any]]
"""Puts an inquiry about units to models; gives the answers in the order of the units."""


def asked_here(models: Any) -> Ask:
    """What asks models in this process."""

    def ask(inquiry: Inquiry, units: Sequence[Any]) -> Iterator[Any]:
        answer = inquiry.answerer(models)
        for unit in units:
            yield answer(unit, inquiry.read(unit))

    return ask
