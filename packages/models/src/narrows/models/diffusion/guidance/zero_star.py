"""CFG-Zero* (Fan et al. 2025, arXiv 2503.18886): for flows whose predictions are not exact yet."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import Inputs
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step, over_item
from narrows.models.diffusion.guidance.classifier_free import combined


class ZeroStar(Guidance):
    """Scale the unconditional prediction so that it is as near to the conditional one as it can be.

    Args:
        scale: 1 is no guidance.
        zero_above: predict zero at shares of noise above this one, where predictions do more harm than good; 1 never.
        rescale: as in classifier-free guidance.
    """

    def __init__(self, scale: float, zero_above: float = 1.0, rescale: float = 0.0) -> None:
        self.scale = scale
        self.zero_above = zero_above
        self.rescale = rescale

    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """See `Guidance`."""
        return [] if unconditional is None or self.scale == 1 else [Branch(unconditional)]

    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """See `Guidance`."""
        c, u = (over_item(x.float(), step.valid) for x in (conditional, others[0]))
        share = (c * u).sum(dim=(-2, -1), keepdim=True) / u.square().sum(dim=(-2, -1), keepdim=True).clamp(min=1e-12)
        guided = combined(conditional, others[0] * share.to(conditional.dtype), self.scale, self.rescale)
        return guided * (step.level <= self.zero_above)[:, None, None]
