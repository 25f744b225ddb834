"""Latents that are no numbers, told as what makes them so."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from narrows.models.finite import NotFiniteError


def check_finite(model: Any, latents: Tensor) -> None:
    """Refuse latents that are not finite.

    Raises:
        NotFiniteError: they are not; the message names the weight that is to blame, where one is.
    """
    if bool(latents.isfinite().all()):
        return
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise NotFiniteError(
                f"The weight {name} has numbers that are not finite (NaN or infinite): load other weights"
            )
    raise NotFiniteError(
        f"The model makes numbers that are not finite in {latents.dtype}: use float32, a lower cfg_scale or more steps"
    )
