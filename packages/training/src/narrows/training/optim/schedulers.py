"""Learning rate schedules from typed configurations: those of torch by name, and `InverseLR`.

A schedule moves on at every training step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from narrows.configs import ChainedSchedulerConfig, SequentialLRConfig, load_config


class InverseLR(LRScheduler):
    """Inverse decay with an exponential warm-up and a floor (k-diffusion, Crowson).

    The rate in force at step k is `(1 - warmup^(k+1)) * max(final_lr, base_lr * (1 + k/inv_gamma)^-power)`.

    Args:
        optimizer: whose rates are set.
        inv_gamma: steps over which the rate halves at power 1.
        power: exponent of the decay.
        warmup: exponential warm-up factor, `0 <= warmup < 1`.
        final_lr: floor of the rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        inv_gamma: float = 1.0,
        power: float = 1.0,
        warmup: float = 0.0,
        final_lr: float = 0.0,
    ) -> None:
        if not 0 <= warmup < 1:
            raise ValueError(f"warmup must be at least 0 and below 1, got {warmup}")
        if inv_gamma <= 0:
            raise ValueError(f"inv_gamma must be positive, got {inv_gamma}")
        self.inv_gamma = inv_gamma
        self.power = power
        self.warmup = warmup
        self.final_lr = final_lr
        super().__init__(optimizer)

    def get_lr(self) -> list[Any]:
        """Rates of all parameter groups at the present step."""
        step = self.last_epoch
        warm = 1 - self.warmup ** (step + 1)
        decay = (1 + step / self.inv_gamma) ** -self.power
        return [warm * max(self.final_lr, base * decay) for base in self.base_lrs]


def create_scheduler_from_config(
    config: Mapping[str, Any] | str | Path | BaseModel, optimizer: Optimizer
) -> LRScheduler:
    """Build a schedule for an optimizer.

    Args:
        config: `{"type": ..., "config": {...}}`; `type` is one of the schemas.
        optimizer: whose rates are set.

    Raises:
        ConfigError: the configuration is wrong.
    """
    typed = load_config(config, "scheduler")
    if isinstance(typed, SequentialLRConfig | ChainedSchedulerConfig):
        inner = [create_scheduler_from_config(part, optimizer) for part in typed.config.schedulers]
        if isinstance(typed, ChainedSchedulerConfig):
            return lr_scheduler.ChainedScheduler(inner, optimizer)
        return lr_scheduler.SequentialLR(optimizer, inner, list(typed.config.milestones))
    build: Any = InverseLR if typed.type == "InverseLR" else getattr(lr_scheduler, typed.type)
    scheduler: LRScheduler = build(optimizer, **typed.config.model_dump())
    return scheduler
