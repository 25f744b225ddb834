"""Optimizers from typed configurations: the classes of torch.optim by name, and Muon, with all arguments checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor, nn
from torch.optim import Optimizer

from narrows.configs import load_config

KERNELS = {("cpu", torch.float32), ("cuda", torch.float32), ("cuda", torch.bfloat16)}
"""Devices and types of parameters for which Adam and AdamW have one kernel."""


def create_optimizer_from_config(
    config: Mapping[str, Any] | str | Path | BaseModel,
    parameters: Iterable[nn.Parameter],
    scaled: bool = False,
    embeddings: Iterable[Tensor] = (),
) -> Optimizer:
    """Build an optimizer.

    Args:
        config: `{"type": ..., "config": {...}}`; `type` is one of the schemas, which bear the names of torch.optim.
        parameters: to update; frozen ones are left out.
        scaled: the loss is scaled, as in `16-mixed`. Gradients are brought back before their norm is taken, which the
            kernels for all of a step would do once more.
        embeddings: those of the parameters that are tables of rows and no matrices, for `Muon`.

    Raises:
        ConfigError: the configuration is wrong.
        ValueError: nothing is left to train, such a kernel is asked for with a scaled loss, or Muon is to train complex
            weights.
    """
    typed = load_config(config, "optimizer")
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    if not trainable:
        raise ValueError("No parameters to train: all are frozen. Set `requires_grad` to true in a part of the model")
    arguments = typed.config.model_dump()
    if typed.type == "Muon":
        return _muon(trainable, {id(parameter) for parameter in embeddings}, **arguments)
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


def _muon(
    trainable: Sequence[nn.Parameter], tables: Collection[int], lr: float, adamw_lr: float | None, **options: Any
) -> Optimizer:
    """Muon for matrices, and AdamW for the rest, in one optimizer; the group of the matrices comes first.

    Args:
        trainable: all parameters.
        tables: identities of those that are embeddings.
        lr: of matrices.
        adamw_lr: of the rest; None takes `lr`.
        options: arguments of `pytorch_optimizer.Muon`.
    """
    # Imported here: the package has a hundred optimizers, and takes seconds.
    from pytorch_optimizer.optimizer.muon import Muon

    if any(parameter.is_complex() for parameter in trainable):
        raise ValueError("Muon trains real weights; this model has complex ones: write `type: AdamW` in its place")
    matrices = [parameter for parameter in trainable if _is_matrix(parameter) and id(parameter) not in tables]
    chosen = {id(parameter) for parameter in matrices}
    rest = [parameter for parameter in trainable if id(parameter) not in chosen]
    rates = {True: lr, False: lr if adamw_lr is None else adamw_lr}
    groups = [
        {"params": members, "use_muon": kind, "lr": rates[kind]}
        for kind, members in ((True, matrices), (False, rest))
        if members
    ]
    return Muon(groups, **options | {"adamw_betas": tuple(options["adamw_betas"])})


def _is_matrix(parameter: nn.Parameter) -> bool:
    """Whether it maps several inputs to several outputs: a gain `(C, 1, 1)` does not."""
    outputs, others = parameter.shape[0] if parameter.ndim else 1, parameter.numel()
    return parameter.ndim > 1 and outputs > 1 and others > outputs
