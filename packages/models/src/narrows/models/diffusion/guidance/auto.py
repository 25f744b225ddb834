"""Autoguidance (Karras et al. 2024, arXiv 2406.02507): away from a worse version of the model."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import Inputs
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step
from narrows.models.diffusion.guidance.classifier_free import combined


class AutoGuidance(Guidance):
    """Exaggerate the difference to what a smaller or less trained backbone predicts of the same conditions.

    Args:
        weaker: the other backbone; it takes the same conditions.
        scale: 1 is no guidance.
        rescale: as in classifier-free guidance.
    """

    def __init__(self, weaker: Backbone, scale: float, rescale: float = 0.0) -> None:
        self.weaker = weaker
        self.scale = scale
        self.rescale = rescale

    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """See `Guidance`.

        Raises:
            ValueError: the other backbone predicts something else.
        """
        if self.weaker.objective != backbone.objective:
            raise ValueError(f"The weaker model predicts {self.weaker.objective}, the model {backbone.objective}")
        return [] if self.scale == 1 else [Branch(inputs, self.weaker)]

    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """See `Guidance`."""
        return combined(conditional, others[0], self.scale, self.rescale)
