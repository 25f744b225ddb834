"""A scale for each condition (Brooks et al. 2023; JASCO, Tal et al. 2024)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone
from narrows.models.diffusion.conditions import Inputs, split
from narrows.models.diffusion.guidance.base import Branch, Guidance, Step
from narrows.models.diffusion.guidance.classifier_free import rescaled


class SeparateScales(Guidance):
    """Add conditions one after the other, each with a scale of its own to what it changes.

    With the predictions `v_0` (nothing), `v_1` (the first condition), up to `v_n` (all of them), the guided one is
    `v_0 + s_1 (v_1 - v_0) + ... + s_n (v_n - v_(n-1))`. Equal scales are classifier-free guidance.

    Args:
        partial: inputs of the backbone with the first condition, the first two, and so on but for all; see `without`
            of `DiffusionModel.get_conditioning_inputs`.
        scales: one a condition: one more than `partial`.
        rescale: as in classifier-free guidance.
    """

    def __init__(self, partial: Sequence[Mapping[str, Any]], scales: Sequence[float], rescale: float = 0.0) -> None:
        if len(scales) != len(partial) + 1:
            raise ValueError(f"{len(partial)} partial inputs need {len(partial) + 1} scales, got {len(scales)}")
        self.partial = [split(inputs)[0] for inputs in partial]
        self.scales = list(scales)
        self.rescale = rescale

    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """See `Guidance`."""
        if unconditional is None or all(scale == 1 for scale in self.scales):
            return []
        return [*(Branch(backbone.prepared(given, t)) for given in self.partial), Branch(unconditional)]

    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """See `Guidance`."""
        ladder = [others[-1], *others[:-1], conditional]
        guided = ladder[0]
        for scale, below, above in zip(self.scales, ladder, ladder[1:], strict=False):
            guided = guided + scale * (above - below)
        return rescaled(guided, conditional, self.rescale)
