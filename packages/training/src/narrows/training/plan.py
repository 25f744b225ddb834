"""The plan of a training: which losses act and which parts are trained, from which step on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Phase:
    """A stretch of steps in which the same things happen."""

    first: int
    last: int
    """Inclusive."""
    lines: tuple[str, ...]


def describe(phases: Iterable[Phase], model: nn.Module) -> str:
    """The plan as text, with the parameters that are trained and those that are frozen."""
    counts = {True: 0, False: 0}
    for parameter in model.parameters():
        counts[parameter.requires_grad] += parameter.numel()
    text = [f"{counts[True]:,} parameters are trained, {counts[False]:,} are frozen."]
    for phase in phases:
        text.append(f"Steps {phase.first} to {phase.last}:")
        text += [f"  {line}" for line in phase.lines]
    return "\n".join(text)
