"""Adaptive projected guidance (Sadat et al. 2024, arXiv 2410.02416; Stable Audio 3): less saturated at high scales."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import Inputs
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step, over_item
from narrows.models.diffusion.guidance.classifier_free import rescaled


class AdaptiveProjected(Guidance):
    """Leave out of the difference what is parallel to the conditional estimate of the signal.

    The difference of two estimates of the signal is that of the two predictions, times the share of noise: so
    predictions are combined and no estimate is divided by a share that may be zero.

    Args:
        scale: 1 is no guidance.
        orthogonal: how much of the parallel part is left out; 0 is classifier-free guidance, 1 leaves all of it out.
        norm_threshold: longest difference of two estimates, over an item; 0 for any.
        momentum: share of earlier steps' differences, negative to push away from them; 0 for none.
        rescale: as in classifier-free guidance.
    """

    def __init__(
        self,
        scale: float,
        orthogonal: float = 1.0,
        norm_threshold: float = 0.0,
        momentum: float = 0.0,
        rescale: float = 0.0,
    ) -> None:
        self.scale = scale
        self.orthogonal = orthogonal
        self.norm_threshold = norm_threshold
        self.momentum = momentum
        self.rescale = rescale
        self._running: Tensor | None = None

    def reset(self) -> None:
        """See `Guidance`."""
        self._running = None

    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """See `Guidance`."""
        return [] if unconditional is None or self.scale == 1 else [Branch(unconditional)]

    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """See `Guidance`."""
        level = step.level[:, None, None]
        difference = self._with_momentum(step, conditional.float() - others[0].float())
        if self.norm_threshold > 0:
            length = level * over_item(difference, step.valid).norm(dim=(-2, -1), keepdim=True)
            difference = difference * (self.norm_threshold / length.clamp(min=1e-12)).clamp(max=1)
        if self.orthogonal:
            direction = over_item(signal(step, conditional), step.valid)
            direction = direction / direction.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-12)
            parallel = (difference * direction).sum(dim=(-2, -1), keepdim=True) * direction
            difference = difference - self.orthogonal * parallel
        guided = conditional.float() + (self.scale - 1) * difference
        return rescaled(guided, conditional.float(), self.rescale).to(conditional.dtype)

    def _with_momentum(self, step: Step, difference: Tensor) -> Tensor:
        if self.momentum == 0:
            return difference
        if self._running is None:
            self._running = difference.new_zeros(step.batch, *difference.shape[1:])
        rows = slice(None) if step.rows is None else step.rows
        difference = difference + self.momentum * self._running[rows]
        self._running = self._running.clone()
        self._running[rows] = difference
        return difference


def signal(step: Step, prediction: Tensor) -> Tensor:
    """The estimate of the signal that a prediction stands for, in float32."""
    level = step.level[:, None, None]
    kept = torch.sqrt((1 - level**2).clamp(min=0)) if step.objective == "v" else 1.0
    return step.x.float() * kept - prediction.float() * level
