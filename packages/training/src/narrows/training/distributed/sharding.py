"""Fully sharded training (FSDP2; Zhao et al. 2023, arXiv 2304.11277): each process keeps a part of every weight.

The networks that a trainer names, and each stage in them, gather their weights when they compute and free them again.
Everything else stays whole in every process, and its gradients are averaged: e.g. bottleneck, pretransform and
discriminator. Average (EMA) and optimizer state are sharded as the weights are. Checkpoints have whole tensors or
parts of them, under the usual names, so that a run can continue with another number of processes, or without sharding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from narrows.training.activation_checkpointing import stages

ENTRIES = ("run", "predict")
"""Methods beside `forward` through which networks are called: backbones of diffusion, and language models."""


def shard(module: nn.Module, mesh: Any, networks: Iterable[nn.Module] | None = None, dtype: Any = None) -> nn.Module:
    """Shard the networks of a module over a mesh of processes, in place; everything else in it stays whole.

    Names of parameters stay as they are.

    Args:
        module: changed in place.
        mesh: of the strategy; its dimension `data_parallel` is used.
        networks: to shard. By default the module's attribute `networks`, which a trainer sets; a module without
            it stays whole.
        dtype: type that gathered weights and inputs are converted to; None leaves them.
    """
    policy = MixedPrecisionPolicy(param_dtype=dtype)
    for network in getattr(module, "networks", ()) if networks is None else networks:
        for stage in stages(network):
            if stage is not network and _has_parameters(stage):
                fully_shard(stage, mesh=mesh["data_parallel"], mp_policy=policy)
        fully_shard(network, mesh=mesh["data_parallel"], mp_policy=policy)
        for name in ENTRIES:
            if hasattr(network, name):
                register_fsdp_forward_method(network, name)
    return module


def reshard(module: nn.Module) -> None:
    """Free gathered weights, which a forward pass without a backward one leaves in the outermost network."""
    for inner in module.modules():
        if isinstance(inner, FSDPModule):
            inner.reshard()


def _has_parameters(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())


def local(tensor: Tensor) -> Tensor:
    """This process's part of a tensor; a tensor that is not sharded is itself."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(value: Any) -> Any:
    """A state with every sharded tensor gathered; all processes call it."""
    if isinstance(value, DTensor):
        return value.full_tensor()
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(whole(item) for item in value)
    return value


def like(value: Any, target: Tensor) -> Any:
    """A whole tensor, sharded as another one of its shape is; anything else as it is."""
    if (
        not isinstance(target, DTensor)
        or isinstance(value, DTensor)
        or not isinstance(value, Tensor)
        or value.shape != target.shape
    ):
        return value
    return distribute_tensor(value.to(target.device), target.device_mesh, target.placements)


def empty_like(target: Tensor | None, size: torch.Size, dtype: torch.dtype) -> Tensor:
    """A tensor to read into: sharded as another one of its size is, whole where there is none."""
    if isinstance(target, DTensor) and target.shape == size:
        return torch.empty_like(target, dtype=dtype)
    return torch.empty(size, dtype=dtype)


def load_whole(module: nn.Module, state: dict[str, Tensor]) -> None:
    """Load a state of tensors, whole or sharded as its own are, into a module; everything must fit."""
    own = module.state_dict()
    module.load_state_dict({key: like(value, own[key]) if key in own else value for key, value in state.items()})


def gradient_norm(parameters: Iterable[nn.Parameter], limit: float) -> Tensor:
    """Norm of gradients of which some are sharded, clipped to a limit.

    The gradients of whole parameters are averaged over the processes first; those of sharded ones are already.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    replicated = [g for g in gradients if not isinstance(g, DTensor)]
    for gradient in replicated:
        distributed.all_reduce(gradient)
        gradient /= distributed.get_world_size()
    # The exchange needs tensors on the device of the processes.
    nothing = torch.zeros((), device=gradients[0].device if gradients else None)
    squares = sum((local(g).square().sum() for g in gradients if isinstance(g, DTensor)), nothing)
    distributed.all_reduce(squares)
    norm = sum((g.square().sum() for g in replicated), squares).sqrt()
    if limit < float("inf"):
        scale = (limit / (norm + 1e-6)).clamp(max=1.0)
        torch._foreach_mul_([local(gradient) for gradient in gradients], scale)
    return norm


@contextmanager
def gathered(*models: nn.Module | None) -> Iterator[None]:
    """Hold the weights of models whole, so that a process can run them without the others."""
    shards = [
        m for model in dict.fromkeys(models) if model is not None for m in model.modules() if isinstance(m, FSDPModule)
    ]
    for module in shards:
        module.set_reshard_after_forward(False, recurse=False)
        module.unshard()
    try:
        yield
    finally:
        for module in shards:
            module.set_reshard_after_forward(True, recurse=False)
            module.reshard()
            _forget_calls(module)


def _forget_calls(module: FSDPModule) -> None:
    """Forget the order of calls, of which one process may have had more: the next backward pass gathers by it."""
    state: Any = module._get_fsdp_state()
    groups = getattr(state, "_fsdp_param_groups", None) or [state._fsdp_param_group]
    for group in groups:
        if group is not None:
            group._post_forward_indices.clear()
            # There is none before the first call.
            getattr(group.comm_ctx, "post_forward_order", []).clear()
