"""How many codebooks to encode with: one trained model serves several bitrates."""

from __future__ import annotations

from typing import Any

from narrows.configs import NarrowsError
from narrows.models import Codec
from narrows.models.bottlenecks import DiscreteBottleneck


class CodebookCountError(NarrowsError, ValueError):
    """A number of codebooks that a model cannot encode with."""


def codebook_options(model: Codec, n_quantizers: int | None) -> dict[str, Any]:
    """Options of `encode` for the first so many codebooks; none for all.

    Raises:
        CodebookCountError: the model has no residual codebooks, or fewer.
    """
    if n_quantizers is None:
        return {}
    bottleneck = model.bottleneck
    if not isinstance(bottleneck, DiscreteBottleneck) or not bottleneck.is_residual:
        kind = "none" if bottleneck is None else type(bottleneck).__name__
        raise CodebookCountError(
            f"The number of codebooks cannot be chosen: only residual bottlenecks have an order of them, this is {kind}"
        )
    if not 1 <= n_quantizers <= bottleneck.num_quantizers:
        raise CodebookCountError(
            f"The model has {bottleneck.num_quantizers} codebooks: give a number from 1 to "
            f"{bottleneck.num_quantizers}, not {n_quantizers}"
        )
    return {"n_quantizers": n_quantizers}
