"""A layout: how a program names the tensors of a model in its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from torch import Tensor

Weights = Literal["ema", "raw"]


class Rename(NamedTuple):
    """The first rename whose pattern a name starts with gives the model's name."""

    pattern: str
    name: str


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
    """Renames of tensors that are used only where no other tensor of the file has the name they give."""
    fallback_reason: str = ""
    """Why such a tensor is left out otherwise."""
    marker: str = ""
    """A file of this layout has a name that starts so."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What to do where a tensor of the model, by its name, is not in such a file."""
    weights: Weights = "raw"
    """Whether these are trained weights or their moving average."""

    def applies(self, state: Mapping[str, Tensor]) -> bool:
        """Whether a file can be of this layout."""
        marker = re.compile(self.marker)
        return any(marker.match(name) for name in state) or not self.marker

    def read(self, state: Mapping[str, Tensor]) -> Reading:
        """Name a file's tensors as the model does."""
        reading = Reading(self)
        second = {name for name in state if any(re.match(rename.pattern, name) for rename in self.fallbacks)}
        for name in [*(name for name in state if name not in second), *(name for name in state if name in second)]:
            tensor = state[name]
            reason = next((drop.reason for drop in self.drops if re.match(drop.pattern, name)), None)
            if reason is not None:
                reading.dropped[name] = reason
                continue
            known = self.fallbacks if name in second else self.renames
            renames = (rename for rename in known if re.match(rename.pattern, name))
            rename = next(renames, Rename("", ""))
            new = re.sub(f"^(?:{rename.pattern})", rename.name, name, count=1)
            if name in second and new in reading.tensors:
                reading.dropped[name] = self.fallback_reason
                continue
            # Two tensors of one name: the second stays under the file's name, which the model does not have.
            new = name if new in reading.tensors else new
            reading.tensors[new] = tensor
            reading.origins[new] = name
        return reading


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
