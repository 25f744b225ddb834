"""Classifier-free guidance (Ho & Salimans 2022), and the rescaling of its output (Lin et al. 2023).

CFG++ (Chung et al. 2024) needs the unconditional prediction itself: samplers find it as `uncond_output` in the info.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import Inputs
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step


class ClassifierFree(Guidance):
    """Exaggerate the difference to the prediction without conditions.

    Args:
        scale: 1 is no guidance.
        rescale: how far to bring the spread over channels back to that of the conditional prediction, 0 to 1.
    """

    def __init__(self, scale: float, rescale: float = 0.0) -> None:
        self.scale = scale
        self.rescale = rescale

    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """See `Guidance`."""
        return [] if unconditional is None or self.scale == 1 else [Branch(unconditional)]

    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """See `Guidance`."""
        return combined(conditional, others[0], self.scale, self.rescale)


def combined(conditional: Tensor, unconditional: Tensor, scale: float, rescale: float = 0.0) -> Tensor:
    """The guided prediction.

    Args:
        conditional: `(B, C, T)`.
        unconditional: `(B, C, T)`.
        scale: 1 is no guidance.
        rescale: see `rescaled`.
    """
    return rescaled(unconditional + (conditional - unconditional) * scale, conditional, rescale)


def rescaled(guided: Tensor, conditional: Tensor, share: float) -> Tensor:
    """Bring the spread over channels back to that of the conditional prediction; 1 wholly, 0 not at all.

    Where the guided prediction is the same in all channels, as in padding, there is no spread to bring back.
    """
    if share == 0:
        return guided
    spread = guided.std(dim=1, keepdim=True)
    fitting = guided * (conditional.std(dim=1, keepdim=True) / spread.where(spread > 0, 1))
    return share * fitting + (1 - share) * guided
