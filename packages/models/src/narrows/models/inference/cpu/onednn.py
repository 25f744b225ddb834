"""Convolutions of `(B, C, 1, T)` without gradients, in oneDNN, torch's library for CPUs.

oneDNN computes with weights in an order of its own. torch puts them into it at every call, which for a wide layer on a
short piece of the signal takes longer than the convolution; here it is done once a module (`packed`), through the
operators that `torch.compile` uses for frozen weights. Where this torch has none, `torch.nn.functional` computes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.padded_convolutions import PaddedConv1d

Convolution = nn.Conv1d | nn.ConvTranspose1d

PAGE = 4096
"""Bytes. Samples side by side whose channels fill whole pages fall on one another in the processor's cache."""
LONG = 320
"""Samples from which such a convolution is faster with the samples of a channel side by side."""

State = tuple[int, torch.dtype, int | None]
"""Where a weight lies, its type, and how often it was written to."""

Pack = Callable[[Any, Tensor], tuple[Tensor, ...]]
"""Makes what oneDNN computes with, of a module and an input."""

_packed: WeakKeyDictionary[nn.Module, tuple[Pack, State, tuple[Tensor, ...]]] = WeakKeyDictionary()
"""Of a module, how its weight was packed, the state that it had, and how it came out."""


@cache
def can_pack(dtype: torch.dtype) -> bool:
    """Whether this torch has the operators, and oneDNN computes in that arithmetic on this processor."""
    operators: Any = torch.ops.mkldnn
    if not hasattr(operators, "_convolution_transpose_pointwise"):
        return False
    if dtype == torch.bfloat16:
        return bool(operators._is_mkldnn_bf16_supported())
    if dtype == torch.float16:
        return bool(operators._is_mkldnn_fp16_supported())
    return dtype == torch.float32


def convolve(module: nn.Conv1d, x: Tensor, pad: str | tuple[int, int]) -> Tensor:
    """A convolution.

    Args:
        module: whose weights, stride, dilation and groups it has.
        x: `(B, C, 1, T)`.
        pad: zeros at both ends, as of `F.conv2d`.
    """
    stride, dilation, groups = (1, module.stride[0]), (1, module.dilation[0]), module.groups
    x = x.to(module.weight.dtype)
    if not can_pack(x.dtype) or isinstance(pad, str) or _is_wide(module, x):
        return F.conv2d(x.contiguous(), module.weight.unsqueeze(2), module.bias, stride, pad, dilation, groups)
    x = x.contiguous(memory_format=torch.channels_last)
    weight = packed(module, x)
    operator: Any = torch.ops.mkldnn._convolution_pointwise
    out: Tensor = operator(x, weight, module.bias, pad, stride, dilation, groups, "none", [], None)
    return out


def transposed(module: nn.ConvTranspose1d, x: Tensor) -> Tensor:
    """A transposed convolution with a module's options, of `(B, C, 1, T)`."""
    stride, pad, dilation = (1, module.stride[0]), (0, int(module.padding[0])), (1, module.dilation[0])
    extra, groups = (0, module.output_padding[0]), module.groups
    x = x.to(module.weight.dtype)
    if not can_pack(x.dtype):
        weight = module.weight.unsqueeze(2)
        return F.conv_transpose2d(x.contiguous(), weight, module.bias, stride, pad, extra, groups, dilation)
    x = x.contiguous(memory_format=torch.channels_last)
    weight = packed(module, x)
    operator: Any = torch.ops.mkldnn._convolution_transpose_pointwise
    out: Tensor = operator(x, weight, module.bias, pad, extra, stride, dilation, groups, "none", [], None)
    return out


def with_ends(module: PaddedConv1d, x: Tensor) -> Tensor | None:
    """The convolution of a layer that pads by more than zeros, without a padded copy of its input.

    All is computed with zeros beyond the ends; then the few outputs that saw them, anew.

    Args:
        module: the layer; only its convolution is applied.
        x: `(B, C, 1, T)`.

    Returns:
        The output, or None where that way does not serve: for short signals.
    """
    convolution: Any = module.conv[0]
    length, stride = x.shape[-1], module.stride
    left, right = module.pads(length)
    reach = _reach(convolution)
    if module.pad_mode == "circular" or right > left or length < 4 * (reach + left):
        return None
    x = x.to(convolution.weight.dtype)
    count = (length + left + right - reach) // stride + 1
    out = convolve(convolution, x, (0, left))[..., :count]
    if module.pad_mode == "constant":
        return out
    early = -(-left // stride)
    if early:
        start = F.pad(x[..., : reach + left], (left, 0, 0, 0), module.pad_mode)
        out[..., :early] = convolve(convolution, start, (0, 0))[..., :early]
    # The first output that sees the end, or an earlier one, so that there is enough to mirror.
    late = min((left + length - reach) // stride + 1, (left + length - right - 1) // stride)
    if late < count:
        end = F.pad(x[..., late * stride - left :], (0, right, 0, 0), module.pad_mode)
        out[..., late:] = convolve(convolution, end, (0, 0))[..., : count - late]
    return out


def kept(module: nn.Module, pack: Pack, x: Tensor) -> tuple[Tensor, ...]:
    """A module's weight as oneDNN wants it, kept until the weight changes or the module is gone.

    Args:
        module: the layer; its own weight stays as it is.
        pack: how to make it.
        x: an input to choose the order for.
    """
    weight: Any = module.weight
    state = weight.data_ptr(), weight.dtype, None if weight.is_inference() else weight._version
    known = _packed.get(module)
    if known is None or known[:2] != (pack, state):
        known = _packed[module] = pack, state, pack(module, x)
    return known[2]


def packed(module: Convolution, x: Tensor) -> Tensor:
    """The weight of a convolution in oneDNN's order, for an input `(B, C, 1, T)`."""
    return kept(module, _pack, x)[0]


def _pack(module: Convolution, x: Tensor) -> tuple[Tensor, ...]:
    shape = list(x.shape)
    weight = module.weight.detach().unsqueeze(2).contiguous()
    stride, dilation = (1, module.stride[0]), (1, module.dilation[0])
    operators: Any = torch.ops.mkldnn
    if isinstance(module, nn.ConvTranspose1d):
        pad, extra = (0, int(module.padding[0])), (0, module.output_padding[0])
        result: Tensor = operators._reorder_convolution_transpose_weight(
            weight, pad, extra, stride, dilation, module.groups, shape
        )
        return (result,)
    enough = [*shape[:-1], max(shape[-1], _reach(module))]
    result = operators._reorder_convolution_weight(weight, (0, 0), stride, dilation, module.groups, enough)
    return (result,)


def _reach(module: nn.Conv1d) -> int:
    """Samples of the input that an output depends on."""
    return module.dilation[0] * (module.kernel_size[0] - 1) + 1


def _is_wide(module: nn.Conv1d, x: Tensor) -> bool:
    """Whether channels side by side would slow a convolution down."""
    plain = module.stride[0] == 1 and module.kernel_size[0] > 1
    return plain and x.shape[1] * x.element_size() % PAGE == 0 and x.shape[-1] >= LONG
