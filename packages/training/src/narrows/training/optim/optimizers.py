"""Optimizers from typed configurations: the classes of torch.optim by name, with all arguments checked beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import nn
from torch.optim import Optimizer

from narrows.configs import load_config

KERNELS = {("cpu", torch.float32), ("cuda", torch.float32), ("cuda", torch.bfloat16)}
"""Devices and types of parameters for which Adam and AdamW have one kernel."""


def create_optimizer_from_config(
    config: Mapping[str, Any] | str | Path | BaseModel, parameters: Iterable[nn.Parameter], scaled: bool = False
) -> Optimizer:
    """Build an optimizer.

    Args:
        config: `{"type": ..., "config": {...}}`; `type` is one of the schemas, which bear the names of torch.optim.
        parameters: to update; frozen ones are left out.
        scaled: the loss is scaled, as in `16-mixed`. Gradients are brought back before their norm is taken, which the
            kernels for all of a step would do once more.

    Raises:
        ConfigError: the configuration is wrong.
        ValueError: nothing is left to train, or such a kernel is asked for with a scaled loss.
    """
    typed = load_config(config, "optimizer")
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    if not trainable:
        raise ValueError("No parameters to train: all are frozen. Set `requires_grad` to true in a part of the model")
    arguments = typed.config.model_dump()
    if "betas" in arguments:
        arguments["betas"] = tuple(arguments["betas"])
    if arguments.get("fused", False) is None:
        arguments["fused"] = not scaled and arguments.get("foreach") is None and _has_kernel(typed.type, trainable)
    if scaled and arguments.get("fused"):
        raise ValueError("`fused: true` of an optimizer does not go with precision 16-mixed: leave it out, or use bf16")
    build: type[Optimizer] = getattr(torch.optim, typed.type)
    return build(trainable, **arguments)


def _has_kernel(name: str, parameters: Iterable[nn.Parameter]) -> bool:
    """Whether torch updates these parameters in one kernel: on a processor about eight times faster than one by one."""
    types = {(parameter.device.type, parameter.dtype) for parameter in parameters}
    return name in ("Adam", "AdamW") and len(types) == 1 and types <= KERNELS
