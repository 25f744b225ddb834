"""Distances between two entries of the info, optionally masked.

Letters: B batch, C channels, T time (samples or latent frames).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.losses.base import Info, LossModule, lookup
from narrows.losses.mmd import mmd


class PairLoss(LossModule):
    """The mean of an elementwise distance.

    Args:
        key_a: one entry of the info.
        key_b: the other.
        weight: factor.
        mask_key: entry with a boolean mask, true where the distance counts: `(B, T)`, `(B, 1, T)` or the shape of the
            distance. Without that entry in the info everything counts.
        name: name in logs.
        decay: factor of the weight at every step.
    """

    default_name = "loss"

    def __init__(
        self,
        key_a: str,
        key_b: str,
        weight: float = 1.0,
        mask_key: str | None = None,
        name: str | None = None,
        decay: float = 1.0,
    ) -> None:
        super().__init__(name or self.default_name, weight, decay)
        self.key_a = key_a
        self.key_b = key_b
        self.mask_key = mask_key

    @abstractmethod
    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """The distance, element by element."""

    def value(self, info: Info) -> Tensor:
        """The mean over what the mask leaves."""
        distance = self.distance(lookup(info, self.key_a), lookup(info, self.key_b))
        mask = info.get(self.mask_key) if self.mask_key is not None else None
        return distance.mean() if mask is None else masked_mean(distance, mask)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values at which a mask is true; 0 where it is true nowhere.

    Args:
        values: `(B, C, T)` or `(B, T)`.
        mask: boolean, `(B, T)`, `(B, 1, T)` or the shape of `values`.

    Raises:
        ValueError: the mask is not boolean (an integer mask would pick elements by number), or does not fit.
    """
    if mask.dtype != torch.bool:
        raise ValueError(f"A mask is boolean, true where the loss counts; this one is {mask.dtype}: use mask.bool()")
    if mask.dim() == values.dim() - 1:
        mask = mask.unsqueeze(1)
    try:
        mask = mask.expand_as(values)
    except RuntimeError as error:
        shapes = f"{tuple(mask.shape)} for values of shape {tuple(values.shape)}"
        raise ValueError(f"The mask does not fit: {shapes}; give (batch, time)") from error
    kept = torch.where(mask, values, torch.zeros_like(values))
    return kept.sum() / mask.sum().clamp(min=1)


class L1Loss(PairLoss):
    """Mean absolute error."""

    default_name = "l1_loss"

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """`|a - b|`."""
        return F.l1_loss(a, b, reduction="none")


class MSELoss(PairLoss):
    """Mean squared error."""

    default_name = "mse_loss"

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """`(a - b)²`."""
        return F.mse_loss(a, b, reduction="none")


class StereoImageLoss(PairLoss):
    """Angle between the channel vectors of two signals, sample by sample: `(1 - cos) / 2`, 0 for equal images.

    The distance is `(B, T)`; so is its mask.
    """

    default_name = "stereo_image_loss"

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """Half of one minus the cosine over channels."""
        return 0.5 * (1 - F.cosine_similarity(a, b, dim=1))


class TimeDomainMMDLoss(LossModule):
    """Maximum mean discrepancy of two batches of signals; a signal is one channel of one item.

    Args:
        key_a: one entry of the info, `(B, C, T)`.
        key_b: the other.
        weight: factor.
        name: name in logs.
        decay: factor of the weight at every step.
        bandwidths: of the kernels.
    """

    def __init__(
        self,
        key_a: str,
        key_b: str,
        weight: float = 1.0,
        name: str = "time_domain_mmd_loss",
        decay: float = 1.0,
        bandwidths: Sequence[float] = (0.0001, 0.001, 0.01, 0.1, 1.0),
    ) -> None:
        super().__init__(name, weight, decay)
        self.key_a = key_a
        self.key_b = key_b
        self.bandwidths = tuple(bandwidths)

    def value(self, info: Info) -> Tensor:
        """The discrepancy."""
        a, b = lookup(info, self.key_a), lookup(info, self.key_b)
        return mmd(a.flatten(0, -2), b.flatten(0, -2), self.bandwidths)


class LossWithTarget(LossModule):
    """Any function of two signals, e.g. an `STFTLoss`.

    Args:
        loss_module: called with input and target.
        input_key: entry of the info that is judged.
        target_key: entry that it should be like.
        name: name in logs.
        weight: factor.
        decay: factor of the weight at every step.
    """

    def __init__(
        self,
        loss_module: Callable[[Tensor, Tensor], Tensor],
        input_key: str,
        target_key: str,
        name: str,
        weight: float = 1.0,
        decay: float = 1.0,
    ) -> None:
        super().__init__(name, weight, decay)
        self.loss_module = loss_module
        self.input_key = input_key
        self.target_key = target_key

    def value(self, info: Info) -> Tensor:
        """The loss of input and target."""
        return self.loss_module(lookup(info, self.input_key), lookup(info, self.target_key))


class AuralossLoss(LossWithTarget):
    """A `LossWithTarget` that hands over the target first.

    stable-audio-tools calls its spectral losses so, and published models were trained so: spectral convergence is
    then relative to the magnitude of the reconstruction.
    """

    def value(self, info: Info) -> Tensor:
        """The loss of target and input."""
        return self.loss_module(lookup(info, self.target_key), lookup(info, self.input_key))
