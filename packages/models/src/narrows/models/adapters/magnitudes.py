"""Norms of rows and columns of an adapted weight, trained beside its directions.

DoRA (Liu et al. 2024, arXiv 2402.09353) trains the norms of rows; stable-audio-3 offers columns too, and BoRA (Wang et
al. 2024, arXiv 2412.06441) both.

Letters: O rows of a weight, I columns.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

Axis = Literal["rows", "columns"]
DIMENSION: dict[Axis, int] = {"rows": 1, "columns": 0}
"""The dimension of `(O, I)` that a norm is taken over."""
TINY = 1e-12


class Magnitudes(nn.Module):
    """Gives rows, columns, or first the former and then the latter, trained norms.

    Args:
        weight: `(O, I)`, that of the base, whose norms are the initial ones.
        axes: which norms.
    """

    def __init__(self, weight: Tensor, axes: tuple[Axis, ...]) -> None:
        super().__init__()
        self.axes = axes
        for axis in axes:
            norms = weight.detach().float().norm(dim=DIMENSION[axis])
            self.register_parameter(name_of(axis, axes), nn.Parameter(norms))

    def forward(self, weight: Tensor) -> Tensor:
        """`(O, I)` → the same directions with the trained norms."""
        for axis in self.axes:
            dimension = DIMENSION[axis]
            norms = getattr(self, name_of(axis, self.axes)).unsqueeze(dimension)
            weight = weight / (weight.norm(dim=dimension, keepdim=True) + TINY) * norms
        return weight


def name_of(axis: Axis, axes: tuple[Axis, ...]) -> str:
    """The name of a tensor of norms in files."""
    if len(axes) == 1:
        return "magnitude"
    return "magnitude_r" if axis == "rows" else "magnitude_c"
