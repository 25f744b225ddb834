"""Lightning Fabric for an experiment: device, precision and processes."""

from __future__ import annotations

from typing import Any, cast

from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor

from narrows.configs import TrainExperimentConfig


def create_fabric(experiment: TrainExperimentConfig) -> Fabric:
    """Fabric, not yet launched.

    Several devices or machines train data-parallel; the processes are those of torchrun or SLURM, or are started here.
    """
    strategy: Any = "auto"
    if experiment.devices * experiment.num_nodes > 1:
        # The frozen encoder and quantizer dropout leave parameters without gradient.
        strategy = DDPStrategy(find_unused_parameters=True)
    return Fabric(
        accelerator=experiment.accelerator,
        devices=experiment.devices,
        num_nodes=experiment.num_nodes,
        precision=experiment.precision,
        strategy=strategy,
    )


def sum_over_processes(fabric: Fabric, value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if fabric.world_size == 1:
        return value
    reduced = fabric.all_reduce(value.to(fabric.device), reduce_op="sum")
    return cast(Tensor, reduced)


def mean_over_processes(fabric: Fabric, value: Tensor) -> Tensor:
    """The mean of a tensor over all processes."""
    return sum_over_processes(fabric, value) / fabric.world_size
