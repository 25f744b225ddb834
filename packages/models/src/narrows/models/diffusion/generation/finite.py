"""Latents that are no numbers, told as what makes them so."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from narrows.models.finite import not_finite_error


def check_finite(model: Any, latents: Tensor) -> None:
    """Refuse latents that are not finite.

    Raises:
        NotFiniteError: they are not; the message names the weight that is to blame, where one is.
    """
    if not bool(latents.isfinite().all()):
        raise not_finite_error(model, latents.dtype, "use float32, a lower cfg_scale or more steps")
