"""Two processes that train every class of vector-quantize-pytorch on data of their own; prints what stays in step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import distributed as dist
from torch import multiprocessing

from narrows.models import create_bottleneck_from_config


def train(rank: int, folder: str, cases: dict[str, dict[str, Any]]) -> None:
    """Four steps of each, gradients averaged as in data-parallel training; fails where a tensor differs."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    differing = {name: differences(rank, config) for name, config in cases.items()}
    if rank == 0:
        Path(folder, "differing.json").write_text(json.dumps(differing), encoding="utf-8")
    dist.destroy_process_group()


def differences(rank: int, config: dict[str, Any]) -> list[str]:
    """Names of the tensors that differ between the processes after training."""
    torch.manual_seed(0)
    module = create_bottleneck_from_config({"type": "vector_quantize_pytorch", "config": config}).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    generator, data = torch.Generator().manual_seed(rank), torch.Generator().manual_seed(10 + rank)
    optimizer = torch.optim.SGD([p for p in module.parameters() if p.requires_grad] or [torch.zeros(1)], lr=0.1)
    for _ in range(4):
        x = torch.randn(2, 6, 20, generator=data).requires_grad_()
        mask = torch.arange(20) < torch.tensor([[20], [15 - rank]])
        latents, info = module.encode(x, return_info=True, generator=generator, mask=mask)
        (latents.square().mean() + info.get("quantizer_loss", 0)).backward()
        for parameter in module.parameters():
            if parameter.requires_grad:
                gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                dist.all_reduce(gradient)
                parameter.grad = gradient / 2
        optimizer.step()
        optimizer.zero_grad()
    found = []
    for name, value in module.state_dict().items():
        other = value.clone()
        dist.broadcast(other, src=0)
        same = torch.tensor(torch.equal(other, value))
        dist.all_reduce(same, op=dist.ReduceOp.MIN)
        if not same:
            found.append(name)
    moved = any(not torch.equal(value, before[name]) for name, value in module.state_dict().items())
    return found if moved or not optimizer.param_groups[0]["params"][0].requires_grad else ["nothing moved"]


if __name__ == "__main__":
    multiprocessing.spawn(train, (sys.argv[1], json.loads(sys.argv[2])), nprocs=2)
