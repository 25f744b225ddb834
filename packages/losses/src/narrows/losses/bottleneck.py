"""The losses that a bottleneck asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from narrows.configs import AutoencoderLossConfigs, BottleneckLossConfig, load_part
from narrows.losses.values import ValueLoss


class BottleneckLosses(list[ValueLoss]):
    """The losses of a bottleneck, and what is to know about them."""

    def __init__(self, bottleneck_type: str, losses: list[ValueLoss]) -> None:
        super().__init__(losses)
        self.bottleneck_type = bottleneck_type
        """Class of the bottleneck, e.g. `VAEBottleneck`."""

    @property
    def losses(self) -> list[ValueLoss]:
        """The losses as a plain list."""
        return list(self)

    def get_total_weight(self) -> float:
        """Sum of the weights."""
        return sum(loss.weight for loss in self)

    def get_loss_by_name(self, name: str) -> ValueLoss | None:
        """The loss of a name, e.g. `kl_loss`, or None."""
        return next((loss for loss in self if loss.name == name), None)


def create_loss_modules_from_bottleneck(
    bottleneck: nn.Module | None, loss_config: Mapping[str, Any] | AutoencoderLossConfigs | BottleneckLossConfig
) -> BottleneckLosses:
    """The losses that a bottleneck declares, with their configured or default weights.

    A configured weight that this bottleneck has no use for is left alone here, so that one loss section can serve
    several models; in a whole model file it is an error (see `narrows.configs.rules`).

    Args:
        bottleneck: declares `losses`; None has none.
        loss_config: the `loss_configs` of a training section, as a dictionary or typed.

    Raises:
        ConfigError: the dictionary is not a valid loss section; nothing falls back to a default silently.
    """
    if isinstance(loss_config, BottleneckLossConfig):
        config = loss_config
    else:
        config = load_part(loss_config, AutoencoderLossConfigs).bottleneck
    losses = []
    for term in getattr(bottleneck, "losses", ()):
        configured = getattr(config.weights, term.weight_key)
        weight = term.weight if configured is None else configured
        losses.append(ValueLoss(term.key, term.name, weight, warmup_steps=config.warmup_steps))
    return BottleneckLosses(type(bottleneck).__name__, losses)
