"""Which kernels the layers of a model use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.kernels import HasKernels, Kernel, attention, convolution, product


def kernels_of(layer: nn.Module, packed: bool) -> list[Kernel]:
    """The kernels that a layer calls itself, without those of the layers in it.

    Args:
        layer: with or without weight normalisation; the shapes are the same.
        packed: add those that it calls instead in a model made fast for use (`narrows.models.inference.cpu.onednn` and
            `linear`).
    """
    if packed and isinstance(layer, GLU):
        [kernel] = layer_kernels(layer.proj)
        return [Kernel.of("packed linear", gated=True, **kernel.arguments)] if kernel.kind == "linear" else []
    found = [] if _is_complex(layer) else list(layer_kernels(layer))
    return [*found, *(ours for kernel in found if packed and (ours := _packed(kernel)) is not None)]


@singledispatch
def layer_kernels(layer: nn.Module) -> Iterable[Kernel]:
    """The kernels of a layer as it stands."""
    return layer.kernels() if isinstance(layer, HasKernels) else ()


@layer_kernels.register(_ConvNd)
def _(layer: _ConvNd) -> Iterator[Kernel]:
    # What is not zeros is padded beforehand.
    padding = layer.padding if layer.padding_mode == "zeros" else [0] * len(layer.kernel_size)
    extra = layer.output_padding if isinstance(layer, _ConvTransposeNd) else None
    has_bias = layer.bias is not None
    yield convolution(layer.weight.shape, layer.stride, padding, layer.dilation, layer.groups, has_bias, extra)


@layer_kernels.register
def _(layer: nn.Linear) -> Iterator[Kernel]:
    yield Kernel.of("linear", inputs=layer.weight.shape[1], outputs=layer.weight.shape[0], bias=layer.bias is not None)


@layer_kernels.register
def _(layer: nn.RNNBase) -> Iterator[Kernel]:
    yield Kernel.of(
        "recurrence",
        mode=layer.mode,
        inputs=layer.input_size,
        hidden=layer.hidden_size,
        layers=layer.num_layers,
        bias=layer.bias,
        both_ways=layer.bidirectional,
    )


@layer_kernels.register
def _(layer: nn.MultiheadAttention) -> Iterator[Kernel]:
    yield attention(layer.num_heads, layer.head_dim)
    for inputs in (layer.embed_dim, layer.kdim or layer.embed_dim, layer.vdim or layer.embed_dim):
        yield product(inputs, layer.embed_dim)


def _is_complex(layer: nn.Module) -> bool:
    """Complex weights have no 16-bit arithmetic."""
    return any(parameter.is_complex() for parameter in layer.parameters(recurse=False))


def _packed(kernel: Kernel) -> Kernel | None:
    """The kernel that `narrows.models.inference.cpu.onednn` or `linear` calls in its place."""
    if kernel.kind in ("convolution", "transposed convolution") and len(kernel.arguments["weight"]) == 3:
        return Kernel(f"packed {kernel.kind}", kernel.options)
    if kernel.kind == "linear":
        return Kernel("packed linear", kernel.options)
    return None
