"""Objectives of adversarial training: what scores of originals and of reconstructions mean for either side."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional as F

Rule = Callable[[Tensor, Tensor], Tensor]


class Objective(NamedTuple):
    """Losses of the two sides, functions of real and fake scores."""

    discriminator: Rule
    generator: Rule


HINGE = Objective(
    lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(),
    lambda real, fake: -fake.mean(),
)
"""Lim & Ye 2017."""

LEAST_SQUARES = Objective(
    lambda real, fake: fake.square().mean() + (1 - real).square().mean(),
    lambda real, fake: (1 - fake).square().mean(),
)
"""Mao et al. 2017."""

RELATIVISTIC = Objective(
    lambda real, fake: F.softplus(fake - real).mean(),
    lambda real, fake: F.softplus(real - fake).mean(),
)
"""Relativistic pairing (Jolicoeur-Martineau 2018)."""

DAC_HINGE = Objective(
    lambda real, fake: F.relu(fake).mean() + F.relu(1 - real).mean(),
    lambda real, fake: F.relu(1 - fake).mean(),
)
"""The hinge of DAC's discriminator in stable-audio-tools: fakes have no margin, and the generator's is clipped too."""

OBJECTIVES = {"hinge": HINGE, "lsgan": LEAST_SQUARES, "rpgan": RELATIVISTIC, "relativistic": RELATIVISTIC}


def objective(loss_type: str) -> Objective:
    """The objective of a name.

    Raises:
        ValueError: there is no such objective.
    """
    if loss_type not in OBJECTIVES:
        raise ValueError(f"Unknown adversarial loss {loss_type!r}: use one of {', '.join(OBJECTIVES)}")
    return OBJECTIVES[loss_type]
