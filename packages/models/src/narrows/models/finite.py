"""Numbers that are not finite, on their way out of a model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.configs import NarrowsError


class NotFiniteError(NarrowsError, ValueError, ArithmeticError):
    """A model makes numbers that are not finite (NaN or infinite), of which nothing can be made."""


def not_finite_error(model: nn.Module, dtype: torch.dtype, advice: str) -> NotFiniteError:
    """The error for numbers that a model made; it names the weight that is to blame, where one is.

    Args:
        model: whose weights are looked at.
        dtype: of the numbers.
        advice: what may help where no weight is to blame.
    """
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            return NotFiniteError(
                f"The weight {name} has numbers that are not finite (NaN or infinite): load other weights"
            )
    return NotFiniteError(f"The model makes numbers that are not finite in {dtype}: {advice}")


class LogitCheck:
    """Remembers whether all logits so far were finite; one look at that serves many of them.

    Logits that are not say nothing, and yet a largest one is found among them.

    Args:
        network: that makes the logits.
    """

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._good: Tensor | None = None
        self._dtype = torch.float32

    def see(self, logits: Tensor) -> Tensor:
        """The logits, as they are."""
        good = logits.isfinite().all()
        self._good = good if self._good is None else self._good & good
        self._dtype = logits.dtype
        return logits

    def check(self) -> None:
        """Wait for what was seen.

        Raises:
            NotFiniteError: no token can be drawn from it.
        """
        if self._good is not None and not bool(self._good):
            raise not_finite_error(self._network, self._dtype, "use float32 or a lower cfg_scale")
