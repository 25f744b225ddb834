"""`torch.export` of a part, with batch and length left free."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar
from unittest.mock import patch

import torch
from torch.export import Dim, ExportedProgram

from narrows.models.export.errors import ExportError
from narrows.models.export.graphs import Part

AnyPart = TypeVar("AnyPart", bound=Part)
MOST = 1 << 24
"""Multiples and clips that a graph is allowed: torch.export wants a bound."""
LONGER = 64
"""Least multiples for what takes another way with short inputs, as attention within a window does."""


def trace(part: AnyPart) -> tuple[AnyPart, ExportedProgram]:
    """Trace a part.

    Returns:
        The part, with the least length that the graph takes, and the graph.

    Raises:
        ExportError: the graph cannot be had without a fixed length; the message says why.
    """
    reason = ""
    for fewest in sorted({part.fewest, max(part.fewest, LONGER)}):
        longer: AnyPart = replace(part, fewest=fewest)  # type: ignore[type-var]
        try:
            return longer, _traced(longer)
        except Exception as error:  # torch.export raises all kinds, from its own to those of sympy
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
    raise ExportError(f"torch.export cannot trace the {part.name} with a free length. {reason}")


def _traced(part: Part) -> ExportedProgram:
    batch, length = Dim("batch", max=MOST), Dim("length", min=part.fewest, max=MOST)
    examples = part.examples(2, part.fewest + 5)
    with torch.no_grad(), _plain_arithmetic(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(
            part.graph,
            examples,
            dynamic_shapes=part.free(batch, length),
            strict=False,
            prefer_deferred_runtime_asserts_over_guards=True,
        )


@contextmanager
def _plain_arithmetic() -> Iterator[None]:
    """Without autocast: graphs are float32 throughout, and torch.export fails on the blocks that quantizers shield."""

    def nothing(*args: Any, **kwargs: Any) -> Any:
        return nullcontext()

    with patch.object(torch, "autocast", nothing):
        yield
