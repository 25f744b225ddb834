"""The optimizer's part of a step: update all parameter groups, or none if anything is not finite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from lightning_fabric import Fabric
from torch import Tensor

from narrows.training.distributed.fabric import sum_over_processes
from narrows.training.non_finite import non_finite_terms
from narrows.training.optim.parameter_groups import ParameterGroup, scaled_update
from narrows.training.step_result import Scalars

OTHER_PROCESS = "a loss of another process is not finite"
OVERFLOW = "gradients overflow at any scale; use precision bf16-mixed"


def update(fabric: Fabric, groups: Sequence[ParameterGroup], values: Scalars, clip: float) -> str | None:
    """Update groups unless a loss or gradient is not finite, on any process.

    Args:
        fabric: of the run.
        groups: updated together.
        values: losses of the step; the norms of the gradients are added as `grad_norm/...`.
        clip: largest norm of a group's gradient; 0 does not clip.

    Returns:
        What was not finite; None when the groups were updated.
    """
    losses = dict(values)
    scaler = getattr(fabric.strategy.precision, "scaler", None)
    if scaler is not None and not _all_finite(fabric, losses.values()):
        return "; ".join(non_finite_terms(losses)) or OTHER_PROCESS
    for group in groups:
        values[f"grad_norm/{group.name}"] = group.gradient_norm(fabric, clip)
    if scaler is not None:
        return None if scaled_update(scaler, groups) else OVERFLOW
    if _all_finite(fabric, values.values()):
        for group in groups:
            group.update()
        return None
    gradients = [f"the gradient of {name} is not finite" for group in groups for name in group.non_finite_gradients()]
    return "; ".join(non_finite_terms(losses) or gradients[:3]) or OTHER_PROCESS


def _all_finite(fabric: Fabric, values: Iterable[Tensor]) -> bool:
    """Whether every scalar is finite, on every process."""
    finite = torch.isfinite(torch.stack([value.float() for value in values])).all()
    return float(sum_over_processes(fabric, finite.float())) == fabric.world_size
