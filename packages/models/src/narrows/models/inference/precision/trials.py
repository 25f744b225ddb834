"""Runs of kernels at several lengths, in 16 bit and in float32 on the same numbers.

The numbers are rounded to 16 bit first, so that both differ by rounding in between and at the end alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.linear import PlannedLinear
from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.inference.cpu import linear, onednn
from narrows.models.kernels import Kernel

LENGTHS = (1, 7, 16, 48, 129, 400)
"""Outputs of a convolution, or vectors or tokens: libraries choose and generate code by them."""
MOST = 2 * 10**9
"""Multiplications of one run; of the longer lengths, those within it are tried."""
ALLOWED = 16
"""Units of the last place that the largest difference may come to, relative to the mean size of the values."""


class Trial(NamedTuple):
    """A computation and its inputs, float32."""

    compute: Callable[..., Tensor]
    tensors: Sequence[Tensor]
    differentiable: bool = True
    allowed: float = ALLOWED


Trials = Callable[[torch.Generator, dict[str, Any]], Iterator[Trial]]


def largest_difference(kernel: Kernel, dtype: torch.dtype, gradients: bool) -> float:
    """Of a kernel from float32, in units of what is allowed: above 1 it is wrong.

    Args:
        kernel: the kernel.
        dtype: float16 or bfloat16.
        gradients: compare those too.

    Raises:
        RuntimeError: torch has no such kernel.
    """
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for trial in TRIALS[kernel.kind](generator, kernel.arguments):
        difference = _difference(trial, dtype, gradients and trial.differentiable)
        worst = max(worst, difference / (trial.allowed * torch.finfo(dtype).eps))
    return worst


def _difference(trial: Trial, dtype: torch.dtype, gradients: bool) -> float:
    rounded = [tensor.to(dtype) for tensor in trial.tensors]
    got = _results(trial.compute, rounded, gradients)
    wanted = _results(trial.compute, [tensor.float() for tensor in rounded], gradients)
    return max(_relative(ours.float(), theirs) for ours, theirs in zip(got, wanted, strict=True))


def _results(compute: Callable[..., Tensor], tensors: list[Tensor], gradients: bool) -> list[Tensor]:
    """The output, and the gradients of all inputs where they are asked for."""
    with torch.set_grad_enabled(gradients):
        leaves = [tensor.requires_grad_(gradients) for tensor in tensors]
        out = compute(*leaves)
        if not gradients:
            return [out]
        cotangent = torch.randn(out.shape, generator=torch.Generator().manual_seed(1)).bfloat16().to(out.dtype)
        return [out.detach(), *torch.autograd.grad(out, leaves, cotangent)]


def _relative(got: Tensor, wanted: Tensor) -> float:
    """The largest difference, in root mean squares of what is wanted; infinite where a value is not finite."""
    if got.shape != wanted.shape or not got.isfinite().all():
        return math.inf
    return float((got - wanted).abs().max() / wanted.square().mean().sqrt().clamp(min=1e-12))


def _lengths(cost: int) -> list[int]:
    """Lengths to try, at so many multiplications each."""
    return [length for length in LENGTHS if length == LENGTHS[0] or length * cost <= MOST]


def _convolutions(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    function = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[len(given["weight"])]
    rest = given["stride"], given["padding"], given["dilation"], given["groups"]
    for tensors in _signals(generator, given):
        yield Trial(lambda x, weight, bias=None: function(x, weight, bias, *rest), tensors)


def _transposed(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    function: Any = {3: F.conv_transpose1d, 4: F.conv_transpose2d, 5: F.conv_transpose3d}[len(given["weight"])]
    rest = given["stride"], given["padding"], given["extra"], given["groups"], given["dilation"]
    for tensors in _signals(generator, given):
        yield Trial(lambda x, weight, bias=None: function(x, weight, bias, *rest), tensors)


def _packed(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    layer: Any = nn.ConvTranspose1d if "extra" in given else nn.Conv1d
    extra = {"output_padding": given["extra"][0]} if "extra" in given else {}
    padding = given["padding"] if isinstance(given["padding"], str) else given["padding"][0]
    channels = (given["weight"][0], given["weight"][1] * given["groups"])

    def compute(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        with torch.device("meta"):
            module = layer(
                *(channels if extra else channels[::-1]),
                given["weight"][2],
                given["stride"][0],
                padding,
                dilation=given["dilation"][0],
                groups=given["groups"],
                bias=bias is not None,
                **extra,
            )
        module.weight = nn.Parameter(weight, requires_grad=False)
        module.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        if extra:
            return onednn.transposed(module, x.unsqueeze(2))
        return onednn.convolve(module, x.unsqueeze(2), padding if isinstance(padding, str) else (0, padding))

    for tensors in _signals(generator, given):
        yield Trial(compute, tensors, differentiable=False)


def _signals(generator: torch.Generator, given: dict[str, Any]) -> Iterator[list[Tensor]]:
    """Inputs, weight and bias of a convolution for each length, the last axis being the long one."""
    shape, groups, is_transposed = given["weight"], given["groups"], "extra" in given
    inputs, outputs = (shape[0], shape[1] * groups) if is_transposed else (shape[1] * groups, shape[0])
    reach = [d * (k - 1) + 1 for d, k in zip(given["dilation"], shape[2:], strict=True)]
    across = [max(side, 5) for side in reach[:-1]]
    weight = torch.randn(shape, generator=generator) / math.sqrt(math.prod(shape) / outputs)
    bias = [torch.randn(outputs, generator=generator)] if given["bias"] else []
    for number, length in enumerate(_lengths(math.prod(shape) * math.prod(across))):
        # As many frames of input give so many outputs without padding.
        samples = max(length, reach[-1]) if is_transposed else given["stride"][-1] * (length - 1) + reach[-1]
        x = torch.randn(1 + number % 2, inputs, *across, samples, generator=generator)
        yield [x, weight, *bias]


def _linear(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    inputs, outputs = given["inputs"], given["outputs"]
    weight = torch.randn(outputs, inputs, generator=generator) / math.sqrt(inputs)
    bias = [torch.randn(outputs, generator=generator)] if given["bias"] else []
    for length in _lengths(inputs * outputs):
        yield Trial(F.linear, [torch.randn(1, length, inputs, generator=generator), weight, *bias])


def _packed_linear(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    """A linear layer as `inference.cpu.linear` computes it, behind a gate where the kernel has one."""

    def compute(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        with torch.device("meta"):
            module: Any = PlannedLinear(given["inputs"], given["outputs"], bias=bias is not None)
        module.weight = nn.Parameter(weight, requires_grad=False)
        module.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        module.plan = linear.multiplied_packed
        with torch.no_grad():
            if not given.get("gated"):
                return module(x)  # type: ignore[no-any-return]
            gate = GLU(1, 1, nn.SiLU())
            gate.proj, gate.fused = module, linear.gated
            return gate(x)  # type: ignore[no-any-return]

    for trial in _linear(generator, given):
        yield Trial(compute, trial.tensors, differentiable=False)


def _product(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    inputs, outputs = given["inputs"], given["outputs"]
    weight = torch.randn(inputs, outputs, generator=generator) / math.sqrt(inputs)
    for length in _lengths(inputs * outputs):
        yield Trial(torch.matmul, [torch.randn(length, inputs, generator=generator), weight])


def _attention(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    """Without a mask, causal, and with one that lets most pairs pass, as windows have."""
    heads, width = given["heads"], given["width"]
    for length in LENGTHS:
        shapes = [(1, heads, length, width)] * 2 + [(1, heads, length, given["values"])]
        tensors = [torch.randn(shape, generator=generator) for shape in shapes]
        mask = torch.rand(length, length, generator=generator) < 0.9
        mask |= torch.eye(length, dtype=torch.bool)
        for options in ({}, {"is_causal": True}, {"attn_mask": mask}):
            yield Trial(lambda q, k, v, options=options: F.scaled_dot_product_attention(q, k, v, **options), tensors)


def _recurrence(generator: torch.Generator, given: dict[str, Any]) -> Iterator[Trial]:
    kind = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN, "RNN_RELU": nn.RNN}[given["mode"]]
    module: Any = kind(
        given["inputs"], given["hidden"], given["layers"], bias=given["bias"], bidirectional=given["both_ways"]
    )
    names = [name for name, _ in module.named_parameters()]
    scale = 1 / math.sqrt(given["hidden"])
    weights = [torch.randn(p.shape, generator=generator) * scale for p in module.parameters()]

    def compute(x: Tensor, *given: Tensor) -> Tensor:
        out: Tensor = torch.func.functional_call(module, dict(zip(names, given, strict=True)), (x,))[0]
        return out

    # A state that is rounded at every step: errors add up.
    for length in _lengths(sum(weight.numel() for weight in weights)):
        yield Trial(
            compute, [torch.randn(length, 1, given["inputs"], generator=generator), *weights], allowed=4 * ALLOWED
        )


TRIALS: dict[str, Trials] = {
    "convolution": _convolutions,
    "transposed convolution": _transposed,
    "packed convolution": _packed,
    "packed transposed convolution": _packed,
    "linear": _linear,
    "packed linear": _packed_linear,
    "product": _product,
    "attention": _attention,
    "recurrence": _recurrence,
}
