"""A parameter group: parameters that are optimised together, their optimizer and its schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from pydantic import BaseModel
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.distributed.tensor import DTensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from narrows.configs import OptimizerPairConfig
from narrows.training.distributed.fabric import is_sharded
from narrows.training.distributed.sharding import gradient_norm, like, local
from narrows.training.optim.clipping import NormPercentile
from narrows.training.optim.optimizers import create_optimizer_from_config
from narrows.training.optim.schedulers import create_scheduler_from_config


@dataclass
class ParameterGroup:
    """The trainable parameters of a module, with their optimizer and schedule."""

    name: str
    module: nn.Module
    optimizer: Optimizer
    scheduler: LRScheduler | None
    updates: int = 0
    """Updates of the weights begun by this process."""
    usual: NormPercentile | None = None
    """The norm that the gradient is clipped to beside a fixed one."""

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The parameters that the optimizer updates."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    @property
    def learning_rate(self) -> float:
        """The current learning rate."""
        return float(self.optimizer.param_groups[0]["lr"])

    def gradient_norm(self, fabric: Fabric, clip: float) -> Tensor:
        """Norm of the gradient, which is clipped to `clip` when that is above 0, and to what is usual."""
        if self.usual is None:
            return self._clipped(fabric, clip)
        usual = self.usual.limit()
        norm = self._clipped(fabric, min(clip, usual) if clip > 0 else usual)
        self.usual.add(float(norm))
        return norm

    def _clipped(self, fabric: Fabric, clip: float) -> Tensor:
        if is_sharded(fabric):
            return gradient_norm(self.parameters, clip if clip > 0 else float("inf"))
        fabric.strategy.precision.unscale_gradients(getattr(self.optimizer, "optimizer", self.optimizer))
        norm = nn.utils.get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        # A GPU would be waited for to learn that there is nothing to clip; multiplying by one costs it less.
        if clip > 0 and (norm.device.type != "cpu" or bool(norm > clip)):
            nn.utils.clip_grads_with_norm_(self.parameters, clip, norm)
        return norm

    def non_finite_gradients(self) -> list[str]:
        """Names of parameters whose gradient is not finite."""
        return [
            name
            for name, parameter in self.module.named_parameters()
            if parameter.grad is not None and not bool(torch.isfinite(local(parameter.grad)).all())
        ]

    def update(self) -> None:
        """One optimizer step and one step of the schedule."""
        self.updates += 1
        self.optimizer.step()
        self.advance()

    def advance(self) -> None:
        """One step of the schedule."""
        if self.scheduler is not None:
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """State of optimizer and schedule; sharded tensors are as they are."""
        schedule = self.scheduler.state_dict() if self.scheduler is not None else {}
        usual = {} if self.usual is None else {"norms": self.usual.state_dict()}
        return {"optimizer": self.optimizer.state_dict(), "scheduler": schedule, **usual}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state of `state_dict`."""
        self._load(state["optimizer"], state["optimizer"]["param_groups"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        if self.usual is not None:
            self.usual.load_state_dict(state.get("norms", ()))

    def take_over(self, optimizer: dict[str, Any]) -> None:
        """Go on with the moments of another run's optimizer; rates and schedule stay those of this run."""
        groups = self.optimizer.state_dict()["param_groups"]
        for own, other in zip(groups, optimizer["param_groups"], strict=False):
            # Some count the steps of a group, by which moments are weighed, rather than those of each parameter.
            own |= {"step": other["step"]} if "step" in other else {}
        self._load(optimizer, groups)

    def _load(self, state: dict[str, Any], groups: list[dict[str, Any]]) -> None:
        parameters = self.parameters
        moments = {
            index: {name: like(value, parameters[index]) for name, value in values.items()}
            for index, values in state["state"].items()
        }
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})


def scaled_update(scaler: GradScaler, groups: Iterable[ParameterGroup]) -> bool:
    """One step of each group in 16 bit, whose gradients have been unscaled, all by the same scale.

    The scaler skips groups whose gradients have overflowed, and lowers its scale for the next step.

    Returns:
        Whether there is still a scale to work with.
    """
    before = scaler.get_scale()
    groups = list(groups)
    for group in groups:
        group.updates += 1
        scaler.step(group.optimizer.optimizer)  # type: ignore[attr-defined]
    scaler.update()
    if scaler.get_scale() >= before:
        for group in groups:
            group.advance()
    return scaler.get_scale() >= 1


def create_parameter_group(name: str, module: nn.Module, config: Any, fabric: Fabric) -> ParameterGroup:
    """Optimizer and schedule of the trainable parameters of a module.

    Args:
        name: its name in `optimizer_configs`.
        module: whose trainable parameters are optimised.
        config: an `OptimizerPairConfig`.
        fabric: prepares the optimizer for its device and precision.
    """
    scaled = getattr(fabric.strategy.precision, "scaler", None) is not None
    tables = [part.weight for part in module.modules() if isinstance(part, nn.Embedding)]
    optimizer = create_optimizer_from_config(config.optimizer, module.parameters(), scaled, tables)
    if len({isinstance(p, DTensor) for group in optimizer.param_groups for p in group["params"]}) > 1:
        # One call for all tensors takes only sharded or only whole ones.
        for group in optimizer.param_groups:
            group |= {key: False for key in ("foreach", "fused") if key in group}
    scheduler = create_scheduler_from_config(config.scheduler, optimizer) if config.scheduler is not None else None
    return ParameterGroup(name, module, fabric.setup_optimizers(optimizer), scheduler)  # type: ignore[arg-type]


def optimizer_pair(configs: BaseModel | None, group: str, default: Mapping[str, Any], rate: float | None) -> Any:
    """Optimizer and schedule of a parameter group: as configured, or the default of its trainer.

    Args:
        configs: the `optimizer_configs` section; None takes the default.
        group: its name there.
        default: `{"type": ..., "config": {...}}`, without a learning rate.
        rate: the `learning_rate` of the training section, for the default.

    Returns:
        An `OptimizerPairConfig`.
    """
    if configs is not None:
        return getattr(configs, group)
    config = {**default["config"], "lr": rate}
    return OptimizerPairConfig.model_validate({"optimizer": {**default, "config": config}})
