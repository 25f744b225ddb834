"""The usual distance of two spectra, which computes its gradient along with its value.

Spectral convergence and mean absolute distances of magnitudes are scalars: their gradient is known as soon as their
value is, but for a factor. So the spectra are gone through once, and neither magnitudes nor logarithms are kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function


class Weights(NamedTuple):
    """Weights and options of the distance, as of `STFTLoss`."""

    convergence: float
    log_magnitude: float
    magnitude: float
    eps: float
    """Floor of squared magnitudes."""
    log_factor: float
    log_eps: float


def spectral_distance(x: Tensor, y: Tensor, weights: Weights) -> Tensor:
    """Mean over signals of `‖y - x‖ / ‖y‖` and means of `|log x - log y|` and `|x - y|` of magnitudes, weighted.

    It cannot be differentiated twice.

    Args:
        x: complex spectra `(N, F, L)` of the input.
        y: of the target.
        weights: of the three.
    """
    distance: Tensor = _Distance.apply(x, y, weights)  # type: ignore[no-untyped-call]
    return distance


class _Distance(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, weights: Weights) -> Tensor:
        (x_mag, x_low), (y_mag, y_low) = (_magnitude(spectra, weights.eps) for spectra in (x, y))
        value, slopes = _distance(x_mag, y_mag, weights, ctx.needs_input_grad[:2])
        gradients = [
            None if slope is None else spectra * slope.div_(magnitude).masked_fill_(low, 0)
            for spectra, magnitude, low, slope in zip((x, y), (x_mag, y_mag), (x_low, y_low), slopes, strict=True)
        ]
        ctx.save_for_backward(*gradients)
        return value

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        return *(None if gradient is None else gradient * given for gradient in ctx.saved_tensors), None


def _magnitude(spectra: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Magnitudes, and where they are at their floor, so that the spectra have no gradient."""
    square = spectra.real.square() + spectra.imag.square()
    return square.clamp(min=eps).sqrt_(), square < eps


def _distance(
    x: Tensor, y: Tensor, weights: Weights, wanted: tuple[bool, bool]
) -> tuple[Tensor, tuple[Tensor | None, Tensor | None]]:
    """The distance of magnitudes `(N, F, L)`, and its gradients where they are wanted."""
    difference = y - x
    norm, size = (torch.linalg.vector_norm(z, dim=(-2, -1), keepdim=True) for z in (difference, y))
    value = weights.convergence * (norm / size).mean()
    # Where signals are equal the norm has a corner, and no gradient.
    inverse = torch.where(norm > 0, weights.convergence / (len(y) * size * norm), 0)
    slopes = [difference * (side * inverse) if want else None for want, side in zip(wanted, (-1, 1), strict=True)]
    if slopes[1] is not None:
        slopes[1].addcmul_(y, weights.convergence * norm / (len(y) * size**3), value=-1)
    if weights.log_magnitude:
        scaled = [_scaled(magnitude, weights) for magnitude in (x, y)]
        # The sign of the difference of logarithms: where rounding makes them equal there is no gradient.
        logarithms = scaled[1].log().sub_(scaled[0].log())
        sign = logarithms.sign()
        value = value + weights.log_magnitude * logarithms.abs_().mean()
        _add(slopes, [sign / part for part in scaled], weights.log_magnitude * weights.log_factor / x.numel())
    if weights.magnitude:
        _add(slopes, [difference.sign()] * 2, weights.magnitude / x.numel())
        value = value + weights.magnitude * difference.abs_().mean()
    return value, (slopes[0], slopes[1])


def _scaled(magnitude: Tensor, weights: Weights) -> Tensor:
    """What the logarithm is of."""
    if weights.log_factor == 1 and weights.log_eps == 0:
        return magnitude
    return weights.log_factor * magnitude + weights.log_eps


def _add(slopes: list[Tensor | None], parts: list[Tensor], factor: float) -> None:
    """Add the gradient of a distance `|y - x|`, which falls with x and rises with y."""
    for slope, part, side in zip(slopes, parts, (-factor, factor), strict=True):
        if slope is not None:
            slope.add_(part, alpha=side)
