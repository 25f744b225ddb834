"""Convolutions of large weights over few frames, as plain products of matrices.

Deep in an autoencoder there are weights of a hundred megabytes and signals of a few frames. A processor's convolution
brings such a weight into an order of its own, and its gradient back, which takes longer than all products. Frames that
are laid out as columns (Chellapilla et al. 2006) need neither, and are few here:

    output = weight (C', C K) @ columns (C K, B L)

On the layers of Stable Audio 2.0's autoencoder, one thread, forward and backward: 528 ms with stride 8 and 16 frames
become 200, 158 ms with 128 frames become 83. Results differ in the last digits, as sums are taken in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

LARGE = 1 << 20
"""Numbers of a weight from which on it is worth it."""
SHORT = 256
"""Frames of a batch, at the lower rate, up to which it is."""
DTYPE = torch.float32

Sizes = int | Sequence[int]


def has_large_convolutions(module: nn.Module) -> bool:
    """Whether any convolution of a module is large enough."""
    layers = (layer for layer in module.modules() if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d))
    # Not by the weight itself, which may have to be made of its parts.
    return any(
        layer.groups == 1 and layer.in_channels * layer.out_channels * layer.kernel_size[0] >= LARGE for layer in layers
    )


class ShortConvolutions(TorchFunctionMode):
    """Inside, convolutions on a CPU that are trained, in float32, with few frames and large weights, are products."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Exchange the two functions; all others stay."""
        return _OWN.get(func, func)(*args, **(kwargs or {}))


def _conv1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """`torch.conv1d`."""
    if not isinstance(padding, str):
        columns = _Columns(weight.shape[-1], _one(stride), _one(padding), _one(dilation))
        if _is_worth_it(x, weight, groups, columns.count(x.shape[-1])):
            out: Tensor = _Convolution.apply(x, weight, bias, columns)  # type: ignore[no-untyped-call]
            return out
    return F.conv1d(x, weight, bias, stride, padding, dilation, groups)


def _conv_transpose1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """`torch.conv_transpose1d`."""
    # From the stride on, the end of the output lies behind all frames.
    if _one(output_padding) < _one(stride) and _is_worth_it(x, weight, groups, x.shape[-1]):
        columns = _Columns(weight.shape[-1], _one(stride), _one(padding), _one(dilation))
        length = columns.length(x.shape[-1]) + _one(output_padding)
        out: Tensor = _Transposed.apply(x, weight, bias, columns, length)  # type: ignore[no-untyped-call]
        return out
    return F.conv_transpose1d(x, weight, bias, stride, padding, output_padding, groups, dilation)


_OWN: dict[Any, Callable[..., Any]] = {torch.conv1d: _conv1d, torch.conv_transpose1d: _conv_transpose1d}


def _is_worth_it(x: Tensor, weight: Tensor, groups: int, frames: int) -> bool:
    return (
        weight.numel() >= LARGE
        and x.dim() == 3
        and 0 < len(x) * frames <= SHORT
        and groups == 1
        and x.device.type == "cpu"
        and x.dtype == weight.dtype == DTYPE
        and torch.is_grad_enabled()
        and weight.requires_grad
        and not torch.is_autocast_enabled("cpu")
    )


def _one(size: Sizes) -> int:
    return size if isinstance(size, int) else size[0]


class _Columns(NamedTuple):
    """How frames lie in a signal: each is a column of `C * kernel` numbers."""

    kernel: int
    stride: int
    padding: int
    dilation: int

    def count(self, length: int) -> int:
        """How many frames a signal has."""
        return (length + 2 * self.padding - self.dilation * (self.kernel - 1) - 1) // self.stride + 1

    def length(self, count: int) -> int:
        """Of the shortest signal that has so many frames."""
        return (count - 1) * self.stride - 2 * self.padding + self.dilation * (self.kernel - 1) + 1

    def taken(self, x: Tensor) -> Tensor:
        """`(B, C, T)` → `(C K, B L)`."""
        return _flat(F.unfold(x[:, :, None], **self._two_axes()))

    def added(self, columns: Tensor, batch: int, length: int) -> Tensor:
        """`(C K, B L)` → `(B, C, T)`: the transpose of `taken`."""
        return F.fold(_batched(columns, batch), (1, length), **self._two_axes())[:, :, 0]

    def _two_axes(self) -> dict[str, tuple[int, int]]:
        return {
            "kernel_size": (1, self.kernel),
            "stride": (1, self.stride),
            "padding": (0, self.padding),
            "dilation": (1, self.dilation),
        }


def _flat(x: Tensor) -> Tensor:
    """`(B, C, L)` → `(C, B L)`."""
    return x.transpose(0, 1).flatten(1)


def _batched(x: Tensor, batch: int) -> Tensor:
    """`(C, B L)` → `(B, C, L)`."""
    return x.view(len(x), batch, -1).transpose(0, 1)


class _Convolution(Function):
    """The backward passes are made of operations that have gradients of their own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, columns: _Columns) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.columns = columns
        out = _batched(weight.flatten(1) @ columns.taken(x), len(x))
        return out.contiguous() if bias is None else out + bias[:, None]

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        for_x, for_weight, for_bias, _ = ctx.needs_input_grad
        flat = _flat(given)
        return (
            ctx.columns.added(weight.flatten(1).T @ flat, len(x), x.shape[-1]) if for_x else None,
            (flat @ ctx.columns.taken(x).T).view(weight.shape) if for_weight else None,
            given.sum((0, 2)) if for_bias else None,
            None,
        )


class _Transposed(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, columns: _Columns, length: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.columns = columns
        out = columns.added(weight.flatten(1).T @ _flat(x), len(x), length)
        return out if bias is None else out + bias[:, None]

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        for_x, for_weight, for_bias, *_ = ctx.needs_input_grad
        taken = ctx.columns.taken(given)
        return (
            _batched(weight.flatten(1) @ taken, len(x)) if for_x else None,
            (_flat(x) @ taken.T).view(weight.shape) if for_weight else None,
            given.sum((0, 2)) if for_bias else None,
            None,
            None,
        )
