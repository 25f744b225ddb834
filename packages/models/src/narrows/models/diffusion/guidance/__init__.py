"""Guidance: what a backbone predicts of its conditions, exaggerated; one file a kind."""

from narrows.models.diffusion.guidance.auto import AutoGuidance
from narrows.models.diffusion.guidance.base import Branch, Combination, Guidance, Step
from narrows.models.diffusion.guidance.classifier_free import ClassifierFree
from narrows.models.diffusion.guidance.projected import AdaptiveProjected
from narrows.models.diffusion.guidance.separate import SeparateScales
from narrows.models.diffusion.guidance.zero_star import ZeroStar

__all__ = [
    "AdaptiveProjected",
    "AutoGuidance",
    "Branch",
    "ClassifierFree",
    "Combination",
    "Guidance",
    "SeparateScales",
    "Step",
    "ZeroStar",
    "reference_guidance",
]


def reference_guidance(scale: float, rescale: float, apg_scale: float, norm_threshold: float) -> Guidance | None:
    """The guidance of the arguments of stable-audio-tools and Stable Audio 3; None for none.

    Args:
        scale: 1 is none.
        rescale: how far to bring the spread of the guided output back, 0 to 1.
        apg_scale: share of adaptive projected guidance.
        norm_threshold: longest difference that guidance exaggerates; 0 for any.
    """
    if scale == 1:
        return None
    if apg_scale or norm_threshold:
        return AdaptiveProjected(scale, apg_scale, norm_threshold, rescale=rescale)
    return ClassifierFree(scale, rescale)
