"""A layout: how a program names the tensors of a model in its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from torch import Tensor

Weights = Literal["ema", "raw"]


class Rename(NamedTuple):
    """The first rename whose pattern a name starts with gives the model's name."""

    pattern: str
    name: str


Modules = Sequence[tuple[str, str]]
"""Names of modules with tensors of their own: in a program's files, and in the model."""


def renames_of(modules: Modules) -> tuple[Rename, ...]:
    """The renames of a table of modules."""
    return tuple(Rename(re.escape(theirs) + r"\.", ours + ".") for theirs, ours in modules)


def name_in_file(modules: Modules, name: str) -> str | None:
    """A program's name of a tensor of the model; None where the table does not have its module."""
    module, _, tensor = name.rpartition(".")
    return next((f"{theirs}.{tensor}" for theirs, ours in modules if ours == module), None)


class Drop(NamedTuple):
    """Names that start with a pattern are no part of the model."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class Layout:
    """How a program names the tensors of a model.

    A name that neither a drop nor a rename knows is kept as it is, so that it is reported unless the model has it.
    """

    program: str
    """Who writes such files; layouts of the same program are different weights of the same files."""
    renames: tuple[Rename, ...]
    drops: tuple[Drop, ...] = ()
    fallbacks: tuple[Rename, ...] = ()
    """Renames of tensors that are used only for children of the model of which the file has nothing else.

    A child counts as a whole: where only some of its tensors are there, the others are missing.
    """
    fallback_reason: str = ""
    """Why such a tensor is left out otherwise."""
    marker: str = ""
    """A file of this layout has a name that starts so,"""
    absent: str = ""
    """and none that starts so."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What to do where a tensor of the model, by its name, is not in such a file."""
    weights: Weights = "raw"
    """Whether these are trained weights or their moving average."""

    def applies(self, state: Mapping[str, Tensor]) -> bool:
        """Whether a file can be of this layout."""
        if self.absent and _starts(self.absent, state):
            return False
        return _starts(self.marker, state) or not self.marker

    def read(self, state: Mapping[str, Tensor]) -> Reading:
        """Name a file's tensors as the model does."""
        reading = Reading(self)
        second = {name for name in state if _matching(self.fallbacks, name) is not None}
        for name in state:
            if name not in second:
                self._add(reading, name, state[name], self.renames)
        children = {name.partition(".")[0] for name in reading.tensors}
        for name in (name for name in state if name in second):
            if _renamed(self.fallbacks, name).partition(".")[0] in children:
                reading.dropped[name] = self.fallback_reason
            else:
                self._add(reading, name, state[name], self.fallbacks)
        return reading

    def _add(self, reading: Reading, name: str, tensor: Tensor, renames: Sequence[Rename]) -> None:
        """Add a tensor of a file to a reading, or the reason why it is left out."""
        reason = next((drop.reason for drop in self.drops if re.match(drop.pattern, name)), None)
        if reason is not None:
            reading.dropped[name] = reason
            return
        new = _renamed(renames, name)
        # Two tensors of one name: the second stays under the file's name, which the model does not have.
        new = name if new in reading.tensors else new
        reading.tensors[new] = tensor
        reading.origins[new] = name


def _starts(pattern: str, names: Iterable[str]) -> bool:
    start = re.compile(pattern)
    return any(start.match(name) for name in names)


def _matching(renames: Sequence[Rename], name: str) -> Rename | None:
    return next((rename for rename in renames if re.match(rename.pattern, name)), None)


def _renamed(renames: Sequence[Rename], name: str) -> str:
    """The model's name of a tensor of a file; a name that no rename knows stays as it is."""
    rename = _matching(renames, name)
    return name if rename is None else re.sub(f"^(?:{rename.pattern})", rename.name, name, count=1)


@dataclass(frozen=True)
class Reading:
    """A file's tensors in a layout."""

    layout: Layout
    tensors: dict[str, Tensor] = field(default_factory=dict)
    """By the model's names, as files spell them."""
    origins: dict[str, str] = field(default_factory=dict)
    """The file's name of each."""
    dropped: dict[str, str] = field(default_factory=dict)
    """File names of tensors that are no part of the model, and why."""
