"""What every loss of training is: a named, weighted term of what a training step reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Info = Mapping[str, Any]
"""What a step reports by name: `reals`, `decoded`, `latents`, and what bottleneck and discriminator say."""


class LossModule(nn.Module, ABC):
    """One term.

    Args:
        name: its name in logs and reports.
        weight: its factor.
        decay: factor of the weight at every step. As in stable-audio-tools the first step is decayed already: step s,
            counted from 0, has weight · decay^(s + 1). The reference multiplies a stored weight at every call, in
            validation too; here the weight follows from the step alone.
        warmup_steps: steps over which the weight rises from 0: step s has the share (s + 1) / `warmup_steps` of it.
    """

    def __init__(self, name: str, weight: float = 1.0, decay: float = 1.0, warmup_steps: int = 0) -> None:
        super().__init__()
        self.name = name
        self.base_weight = float(weight)
        self.decay = float(decay)
        self.warmup_steps = warmup_steps
        self.step = 0

    def set_step(self, step: int) -> None:
        """Say which step it is, counted from 0; a training loop does so before every step, also after a restart."""
        self.step = step

    @property
    def weight(self) -> float:
        """The weight at the current step."""
        weight = self.base_weight if self.decay == 1.0 else self.base_weight * self.decay ** (self.step + 1)
        return weight * min(1.0, (self.step + 1) / self.warmup_steps) if self.warmup_steps else weight

    @abstractmethod
    def value(self, info: Info) -> Tensor:
        """The loss before its weight."""

    def forward(self, info: Info) -> Tensor:
        """The weighted loss, a scalar."""
        return self.weight * self.value(info)

    def terms(self, info: Info) -> dict[str, Tensor]:
        """The weighted loss by name; a module that computes several at once returns them all."""
        return {self.name: self(info)}


class MultiLoss(nn.Module):
    """A sum of losses.

    Args:
        losses: its parts; no two terms may have one name.
    """

    def __init__(self, losses: Iterable[LossModule]) -> None:
        super().__init__()
        self.losses = nn.ModuleList(losses)

    def set_step(self, step: int) -> None:
        """Say which step it is, counted from 0."""
        for loss in self.losses:
            if isinstance(loss, LossModule):
                loss.set_step(step)

    def forward(self, info: Info) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum, and each weighted term by name."""
        terms = {name: term for _, part in self.parts(info) for name, term in part.items()}
        return total(terms), terms

    def parts(self, info: Info) -> list[tuple[LossModule, dict[str, Tensor]]]:
        """Each loss with its weighted terms by name."""
        parts: list[tuple[LossModule, dict[str, Tensor]]] = []
        names: set[str] = set()
        for loss in self.losses:
            terms: dict[str, Tensor] = loss.terms(info)  # type: ignore[operator]  # typed as a bare Module
            if doubled := names & terms.keys():
                raise ValueError(f"Two losses are called {sorted(doubled)[0]!r}; names tell the terms apart")
            names |= terms.keys()
            parts.append((loss, terms))  # type: ignore[arg-type]
        return parts


def total(terms: Mapping[str, Tensor]) -> Tensor:
    """The sum of terms."""
    return torch.stack([term.sum() for term in terms.values()]).sum()


def lookup(info: Info, key: str) -> Any:
    """An entry of the info.

    Raises:
        KeyError: it is missing; the message says what there is.
    """
    if key not in info:
        raise KeyError(f"The loss needs {key!r}, but the step reports only {', '.join(sorted(info))}")
    return info[key]
