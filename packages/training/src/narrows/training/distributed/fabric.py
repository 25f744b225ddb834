"""Lightning Fabric for an experiment: device, precision and processes."""

from __future__ import annotations

from typing import Any, cast

from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_fabric.strategies.model_parallel import ModelParallelStrategy
from torch import Tensor

from narrows.configs import TrainExperimentConfig
from narrows.pipelines.pre_encode.rank import Place, check_processes, this_place
from narrows.training.distributed.launched import LaunchedEnvironment
from narrows.training.distributed.meeting import meet
from narrows.training.distributed.sharding import shard


def create_fabric(experiment: TrainExperimentConfig) -> Fabric:
    """Fabric, not yet launched.

    Several devices or machines train data-parallel; the processes are those of a launcher, or are started here.

    Raises:
        ProcessesError: a launcher started other processes than the experiment asks for, and `global_batch_size` does
            not say how many clips these share.
    """
    place = this_place()
    if experiment.global_batch_size is None:
        check_processes(place, experiment.devices, experiment.num_nodes)
    devices, nodes = _shape(place, experiment)
    strategy: Any = "auto"
    processes = devices * nodes if place.launcher is None else place.world_size
    if experiment.strategy == "fsdp":
        strategy = ModelParallelStrategy(
            shard,
            data_parallel_size=processes,
            tensor_parallel_size=1,
        )
    elif processes > 1:
        # The frozen encoder and quantizer dropout leave parameters without gradient.
        strategy = DDPStrategy(find_unused_parameters=True)
    return Fabric(
        accelerator=experiment.accelerator,
        devices=devices,
        num_nodes=nodes,
        precision=experiment.precision,
        strategy=strategy,
        plugins=[] if place.launcher is None or strategy == "auto" else [LaunchedEnvironment(place)],
    )


def launched(experiment: TrainExperimentConfig) -> Fabric:
    """Fabric, its processes there and connected; errors are those of `create_fabric`."""
    fabric = create_fabric(experiment)
    meet(this_place(), "nccl" if fabric.device.type == "cuda" else "gloo")
    fabric.launch()
    return fabric


def _shape(place: Place, experiment: TrainExperimentConfig) -> tuple[int, int]:
    """Processes of this machine, and machines: those of the launcher, where there is one."""
    if place.launcher is None:
        return experiment.devices, experiment.num_nodes
    here = place.per_machine or max(1, place.world_size // experiment.num_nodes)
    return here, max(1, place.world_size // here)


def is_sharded(fabric: Fabric) -> bool:
    """Whether weights are spread over the processes."""
    return isinstance(fabric.strategy, ModelParallelStrategy)


def device_mesh(fabric: Fabric) -> Any:
    """The processes that weights are spread over."""
    assert isinstance(fabric.strategy, ModelParallelStrategy)
    return fabric.strategy.device_mesh


def sum_over_processes(fabric: Fabric, value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if fabric.world_size == 1:
        return value
    reduced = fabric.all_reduce(value.to(fabric.device), reduce_op="sum")
    return cast(Tensor, reduced)


def mean_over_processes(fabric: Fabric, value: Tensor) -> Tensor:
    """The mean of a tensor over all processes."""
    return sum_over_processes(fabric, value) / fabric.world_size


def gathered_objects(fabric: Fabric, value: Any) -> list[Any]:
    """A plain value of each process, in all of them; all processes call it."""
    if fabric.world_size == 1:
        return [value]
    import torch.distributed as dist

    gathered: list[Any] = [None] * fabric.world_size
    dist.all_gather_object(gathered, value)
    return gathered
