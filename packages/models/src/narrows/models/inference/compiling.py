"""Which parts of a model are compiled, and how."""

from __future__ import annotations

import shutil
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from narrows.models.blocks.activations import Snake, SnakeBeta, snake
from narrows.models.blocks.layers import Layers


def compile_parts(model: nn.Module) -> None:
    """Compile a codec or a generative model in place, when it is called first.

    Of a codec, the activations of blocked layers on a CPU, encoder and decoder elsewhere; of a diffusion model, the
    backbone, and the codec that makes its latents.
    """
    network, pretransform = getattr(model, "model", None), getattr(model, "pretransform", None)
    if network is not None and hasattr(network, "stages"):
        compile_network(network)
    if isinstance(inner := getattr(pretransform, "model", None), nn.Module):
        _compile_sides(inner)
    _compile_sides(model)


def compile_network(network: nn.Module) -> None:
    """Compile a network in place, block by block where it names blocks as `stages()`: alike, they are compiled once."""
    named = getattr(network, "stages", None)
    for block in (named() if callable(named) else None) or [network]:
        block.compile()


def _compile_sides(codec: nn.Module) -> None:
    parameter = next(codec.parameters(), None)
    on_cpu = parameter is None or parameter.device.type == "cpu"
    for name in ("encoder", "decoder"):
        part: nn.Module | None = getattr(codec, name, None)
        if part is not None and on_cpu and any(isinstance(module, Layers) for module in part.modules()):
            fused = {Snake: torch.compile(snake, dynamic=True), nn.ELU: torch.compile(F.elu, dynamic=True)}
            fused[SnakeBeta] = fused[Snake]
            activations: list[Any] = [module for module in part.modules() if type(module) in fused]
            for activation in activations:
                activation.fused = fused[type(activation)]
        elif part is not None:
            part.compile(dynamic=True)


def can_compile(model: nn.Module) -> bool:
    """Whether `torch.compile` can work on the model's device."""
    parameter = next(model.parameters(), None)
    on_gpu = parameter is not None and parameter.device.type == "cuda"
    return on_gpu or shutil.which("g++") is not None or shutil.which("clang++") is not None
