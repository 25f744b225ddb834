"""Running a network over pieces of its input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, floor
from typing import NamedTuple

import torch
from torch import Tensor

from narrows.models.receptive_field import ReceptiveField
from narrows.models.streaming.errors import NotExactError
from narrows.models.streaming.recurrent import CarriedStates

Run = Callable[[Tensor], Tensor]


class Piece(NamedTuple):
    """A stretch of input, and which of its outputs to keep."""

    start: int
    end: int
    skip: int
    """Outputs to drop: they belong to earlier pieces, or saw an edge that is not the clip's."""
    take: int | None
    """Outputs to keep; None for all to the end of the clip."""


def piece(field: ReceptiveField, first: int, stop: int | None, length: int) -> Piece:
    """The stretch of input that the outputs from `first` up to, not including, `stop` need.

    Args:
        field: of the network.
        first: first output.
        stop: None for all that follow.
        length: inputs of the clip, or those that have come so far when `stop` is given.
    """
    granule = field.granule
    end = length if stop is None else floor((stop - 1) * field.stride + field.right) + 1
    end = min(length, ceil(end / granule) * granule)
    start = min(floor(first * field.stride - field.left), end - field.shortest)
    if start <= 0:
        end = min(length, max(end, ceil((floor(field.mirrored) + 1) / granule) * granule))
    start = max(0, start // granule * granule)
    return Piece(start, end, first - int(start / field.stride), None if stop is None else stop - first)


def pieces(field: ReceptiveField, length: int, chunk: int) -> Iterator[Piece]:
    """The pieces of a clip, of `chunk` outputs each; the last one takes the rest."""
    count = max(1, floor(length / field.stride))
    for first in range(0, count, chunk):
        stop = first + chunk
        yield piece(field, first, stop if stop < count else None, length)


def run_chunked(run: Run, field: ReceptiveField, x: Tensor, chunk: int) -> Tensor:
    """`run(x)`, computed on pieces.

    Args:
        run: a network, `(B, C, T)` to `(B, D, L)`.
        field: its receptive field.
        x: `(B, C, T)`.
        chunk: outputs to compute at a time.

    Raises:
        NotExactError: the network depends on the whole clip.
    """
    check_exact(field)
    length = x.shape[-1]
    outputs = []
    states = CarriedStates(field)
    for part in pieces(field, length, chunk):
        with states.at(part.start, part.end, final=part.end == length):
            outputs.append(keep(run(x[..., part.start : part.end]), part))
    return joined(outputs)


def joined(parts: list[Tensor]) -> Tensor:
    """Tensors `(..., n)` one behind the other; without gradients each is let go once it is copied.

    So a long sound takes its own memory and that of a piece, not twice its own. The list is then empty.
    """
    if torch.is_grad_enabled() or len(parts) == 1:
        return torch.cat(parts, dim=-1)
    out = parts[0].new_empty(*parts[0].shape[:-1], sum(part.shape[-1] for part in parts))
    end = out.shape[-1]
    while parts:
        part = parts.pop()
        out[..., end - part.shape[-1] : end] = part
        end -= part.shape[-1]
        del part
    return out


def keep(out: Tensor, part: Piece) -> Tensor:
    """The outputs of a piece that are worth keeping."""
    return out[..., part.skip : None if part.take is None else part.skip + part.take]


def check_exact(field: ReceptiveField) -> None:
    """Raise `NotExactError` for a field that has none."""
    if not field.exact:
        reasons = "; ".join(sorted({f"{type(o.module).__name__} {o.reason}" for o in field.obstacles}))
        raise NotExactError(f"This model cannot be run exactly in chunks: {reasons}")
