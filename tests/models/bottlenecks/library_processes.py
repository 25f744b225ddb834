"""One of two processes that train every class of vector-quantize-pytorch; notes which tensors do not stay in step.

torchrun --nproc-per-node=2 library_processes.py CASES.json
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import distributed as dist

from narrows.models import create_bottleneck_from_config
from narrows.models.blocks.quantizers.library import LibraryError


def differences(config: dict[str, Any]) -> list[str]:
    """Names of the tensors that differ between the processes after training; a refusal is its message.

    Each process has data and draws of its own and another number of frames that are no padding; gradients are averaged
    as in data-parallel training.
    """
    torch.manual_seed(0)
    try:
        module = create_bottleneck_from_config({"type": "vector_quantize_pytorch", "config": config}).train()
    except LibraryError as error:
        return [str(error)]
    before = {name: value.clone() for name, value in module.state_dict().items()}
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained or [torch.zeros(1)], lr=0.1)
    rank = dist.get_rank()
    generator, data = torch.Generator().manual_seed(rank), torch.Generator().manual_seed(10 + rank)
    for _ in range(6):
        x = torch.randn(2, 6, 20, generator=data).requires_grad_()
        mask = torch.arange(20) < torch.tensor([[20], [15 - rank]])
        latents, info = module.encode(x, return_info=True, generator=generator, mask=mask)
        (latents.square().mean() + info.get("quantizer_loss", 0)).backward()
        for parameter in trained:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            dist.all_reduce(gradient)
            parameter.grad = gradient / 2
        optimizer.step()
        optimizer.zero_grad()
    moved = any(not torch.equal(value, before[name]) for name, value in module.state_dict().items())
    return unequal(module.state_dict()) if moved or not trained else ["nothing moved"]


def unequal(state: dict[str, torch.Tensor]) -> list[str]:
    """Names of the tensors that are not those of the first process."""
    found = []
    for name, value in state.items():
        first = value.clone()
        dist.broadcast(first, src=0)
        same = torch.tensor(torch.equal(first, value), dtype=torch.int64)
        dist.all_reduce(same, op=dist.ReduceOp.MIN)
        if not same:
            found.append(name)
    return found


if __name__ == "__main__":
    path = Path(sys.argv[1])
    torch.set_num_threads(1)
    # A class that makes the processes wait for each other fails here instead of at the limit of the whole test.
    dist.init_process_group("gloo", timeout=timedelta(seconds=60))
    results = {name: differences(config) for name, config in json.loads(path.read_text(encoding="utf-8")).items()}
    if dist.get_rank() == 0:
        path.with_name("differing.json").write_text(json.dumps(results), encoding="utf-8")
    dist.barrier()
    dist.destroy_process_group()
    # All is said. Threads of torch have aborted an interpreter that was being taken down ("terminate called without an
    # active exception", once in some fifty runs), which is nothing of the library's or ours.
    sys.stdout.flush()
    os._exit(0)
