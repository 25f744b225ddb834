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
]
