"""Compares a written graph with the model."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import nn

from narrows.models.export.errors import ExportError
from narrows.models.export.formats import RunGraph
from narrows.models.export.graphs import Part

TOLERANCE = 1e-4
"""Largest absolute difference of audio and latents."""
TOKENS = 1e-3
"""Share of the tokens that may differ: two codes can be equally near, and the last bit then decides."""
LENGTHS = (0, 1, 3, 8, 21)
"""Multiples beyond the least that are tried."""
BATCHES = (1, 3)


class Agreement(NamedTuple):
    """How far a graph is from the model."""

    difference: float
    """Largest absolute difference; of tokens the share that differs."""
    shapes: int
    """Shapes of inputs that were tried."""


def compare(part: Part, eager: nn.Module, run: RunGraph) -> Agreement:
    """Run a graph and the model on the same inputs: five lengths, two sizes of batch.

    Raises:
        ExportError: the graph fails, or its result is another one.
    """
    worst = 0.0
    for number, more in enumerate(LENGTHS):
        for batch in BATCHES:
            given = part.examples(batch, part.fewest + more, seed=number)
            with torch.inference_mode():
                want = eager(*given)
            try:
                got = run(*given)
            except Exception as error:  # each runtime has its own
                reason = " ".join(str(error).split())[:300]
                shapes = ", ".join(str(tuple(x.shape)) for x in given)
                raise ExportError(f"The {part.name}'s graph does not run with {shapes}: {reason}") from error
            if got.shape != want.shape:
                raise ExportError(
                    f"The {part.name}'s graph gives {tuple(got.shape)} where the model gives {tuple(want.shape)}"
                )
            worst = max(worst, _difference(part, got, want))
    limit = TOKENS if part.gives_tokens else TOLERANCE
    if not worst <= limit:
        what = "share of other tokens" if part.gives_tokens else "largest difference"
        raise ExportError(f"The {part.name}'s graph is not the model: {what} {worst:.2g}, allowed {limit:g}")
    return Agreement(worst, len(LENGTHS) * len(BATCHES))


def _difference(part: Part, got: torch.Tensor, want: torch.Tensor) -> float:
    if part.gives_tokens:
        return float((got != want).float().mean())
    if not bool(got.isfinite().all() and want.isfinite().all()):
        return math.inf  # NaN compares as neither less nor more, and never counts as equal.
    return float((got - want).abs().max())
