"""Power-function averages of weights over a training (Karras et al. 2024, arXiv 2312.02696, section 3 and appendix C).

The weights of step s count in the average of step t by how much `(s / t) ** (gamma + 1)` grows at s, so that an
average always reaches over the same share of the training. Its length is the deviation of that profile, over t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

LONGEST = 12**-0.5
"""Length of the plain mean of all steps."""
CHUNK = 1 << 16
"""Steps of which the profiles are in memory at a time."""


class Profile(NamedTuple):
    """The average of a length at a step."""

    step: int
    """Updates that it is of, counted from 1."""
    length: float
    """Deviation of its profile, as a share of `step`: above 0, below `LONGEST`."""


def exponent(length: float) -> float:
    """The `gamma` of a length, 0 or greater.

    Raises:
        ValueError: there is no such average.
    """
    if not 0 < length <= LONGEST:
        raise ValueError(f"The length of an average must be above 0 and at most {LONGEST:.4f}, got {length}")
    # length**2 = (gamma + 1) / ((gamma + 2)**2 * (gamma + 3)), as a polynomial of gamma.
    short = length**-2
    roots = np.roots([1.0, 7.0, 16.0 - short, 12.0 - short])
    return max(0.0, float(roots.real.max()))


def decay(step: int, length: float) -> float:
    """The share of an average that stays at a step, counted from 1."""
    return float((1 - 1 / step) ** (exponent(length) + 1))


def combination(snapshots: Sequence[Profile], wanted: Profile) -> Tensor:
    """How much of each snapshot makes an average, float64: the closest to its profile, by least squares over the steps.

    They add up to 1, which the paper does not ask for: what weights have not moved from their start is far larger than
    what they have, and would be scaled.

    Args:
        snapshots: of several steps, of at least one length each.
        wanted: at the step of a snapshot, or between two.
    """
    count = len(snapshots)
    products, targets = torch.zeros(count, count, dtype=torch.float64), torch.zeros(count, dtype=torch.float64)
    last = max(profile.step for profile in (*snapshots, wanted))
    for first in range(0, last, CHUNK):
        steps = torch.arange(first, min(first + CHUNK, last) + 1, dtype=torch.float64)
        shares = torch.stack([_shares(profile, steps) for profile in snapshots])
        products += shares @ shares.T
        targets += shares @ _shares(wanted, steps)
    # With a multiplier for the sum. Snapshots that lie close to each other are nearly the same profile.
    size = float(products.diagonal().mean())
    system = torch.full((count + 1, count + 1), size, dtype=torch.float64)
    system[:count, :count], system[-1, -1] = products, 0
    right = torch.cat((targets, torch.tensor([size], dtype=torch.float64)))
    solved: Tensor = torch.linalg.lstsq(system, right[:, None], rcond=1e-12, driver="gelsd").solution
    return solved[:count, 0]


def _shares(profile: Profile, steps: Tensor) -> Tensor:
    """How much each step after the first of `steps` counts in an average."""
    grown = (steps.clamp(max=profile.step) / profile.step) ** (exponent(profile.length) + 1)
    return grown.diff()
