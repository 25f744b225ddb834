"""16 bit on a CPU, only with kernels that were compared with float32 on this machine.

Kernels of 16 bit are generated for each processor by oneDNN, torch's library for CPUs, and not all are right: some give
other numbers, some never return. So the first model that asks for a kernel has it tried, in a process of its own and
within a time limit; what came of it is kept in the cache folder. Layers whose kernels fail compute in float32.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import chain

import torch
from torch import nn

from narrows.models.blocks.layers import Layers
from narrows.models.blocks.linear import is_linear
from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.float32_layers import SIXTEEN_BIT, Float32Layer, compute_in_float32
from narrows.models.inference.cpu.layers import known
from narrows.models.inference.precision.layers import kernels_of
from narrows.models.inference.precision.process import ProbeError, Verdict, try_kernels
from narrows.models.inference.precision.verdicts import known_verdicts, remember
from narrows.models.kernels import Kernel

log = logging.getLogger("narrows.models")

UNTRIED = "untried"
WORDS = {
    "wrong": "whose results are wrong",
    "missing": "that torch does not have",
    "endless": "that do not return",
    "crashed": "that end the process",
    UNTRIED: "that could not be tried",
}
NAMED = 3
"""Layers that a message names."""


def to_dtype(model: nn.Module, dtype: torch.dtype, gradients: bool = True) -> nn.Module:
    """`model.to(dtype)`, on a CPU with the layers in float32 whose kernels are wrong there.

    Args:
        model: any model; changed in place.
        dtype: of weights and arithmetic.
        gradients: whether it will be trained; else only what runs forwards must be right.
    """
    keep_exact({"": model}, dtype, gradients)
    return model.to(dtype)


def keep_exact(models: Mapping[str, nn.Module], dtype: torch.dtype, gradients: bool, prepared: bool = False) -> int:
    """Make the layers float32 whose 16-bit kernels are wrong on this processor; one warning says which.

    Nothing is done to layers on other devices, and for other types than float16 and bfloat16.

    Args:
        models: by a name for the message; it may be empty.
        dtype: that weights will be cast to, or that autocast will compute in.
        gradients: compare those too, because the models will be trained.
        prepared: compare also what `prepare_for_inference` makes of convolutions and linear layers.

    Returns:
        How many layers became float32.
    """
    if dtype not in SIXTEEN_BIT:
        return 0
    layers = {f"{name}.{path}".strip("."): layer for name, model in models.items() for path, layer in _on_cpu(model)}
    packed = {part for model in models.values() for part in _planned(model)} if prepared else set()
    kernels = {path: found for path, layer in layers.items() if (found := kernels_of(layer, layer in packed))}
    verdicts, problem = verdicts_on({kernel for found in kernels.values() for kernel in found}, dtype, gradients)
    failed = {
        path: bad[0]
        for path, found in kernels.items()
        if (bad := [verdicts[kernel] for kernel in found if verdicts.get(kernel, UNTRIED) != "right"])
    }
    for path in failed:
        compute_in_float32(layers[path])
    if failed:
        log.warning(_message(failed, len(kernels), dtype, problem))
    return len(failed)


def verdicts_on(kernels: set[Kernel], dtype: torch.dtype, gradients: bool) -> tuple[dict[Kernel, Verdict], str]:
    """What is known of kernels, after those that are new were tried; and why that was not possible, or nothing."""
    known = {kernel: verdict for kernel, verdict in known_verdicts(dtype, gradients).items() if kernel in kernels}
    if not gradients:  # what is right with gradients is right without
        trained = known_verdicts(dtype, True)
        known |= {kernel: "right" for kernel in kernels if trained.get(kernel) == "right"}
    new = sorted(kernels - known.keys())
    try:
        tried = try_kernels(new, dtype, gradients)
    except ProbeError as error:
        return known | dict.fromkeys(new, UNTRIED), str(error)
    if tried:
        remember(tried, dtype, gradients)
    return known | tried, ""


def _on_cpu(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The layers of a model whose tensors lie on a CPU, by name; those without any go by the model's."""
    default = _device(model, "cpu")
    for path, layer in model.named_modules():
        if _device(layer, default) == "cpu" and not isinstance(layer, Float32Layer):
            yield path, layer


def _planned(model: nn.Module) -> Iterator[nn.Module]:
    """The layers that run otherwise in a model made fast for use."""
    for module in model.modules():
        if isinstance(module, Layers):
            yield from known(module)
        elif is_linear(module) or (isinstance(module, GLU) and module.is_swish):
            yield module


def _device(layer: nn.Module, default: str) -> str:
    return next((tensor.device.type for tensor in chain(layer.parameters(), layer.buffers())), default)


def _message(failed: Mapping[str, Verdict], count: int, dtype: torch.dtype, problem: str) -> str:
    """Which layers compute in float32, and why, in one line."""
    whys = [
        f"{len(paths)} with kernels {words} ({', '.join(paths[:NAMED])}{', ...' if len(paths) > NAMED else ''})"
        for verdict, words in WORDS.items()
        if (paths := [path for path, found in failed.items() if found == verdict])
    ]
    reason = f" ({problem})" if problem else ""
    return (
        f"{str(dtype).removeprefix('torch.')} on this processor: {len(failed)} of {count} layers compute in float32, "
        f"{' and '.join(whys)}{reason}"
    )
