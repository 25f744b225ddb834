"""How layers run fastest on a CPU: a few at a time, on pieces of the signal that stay in the processor's cache.

At 44.1 kHz a wide layer of a convolutional autoencoder writes 200 MB for ten seconds of sound. Written to memory and
read back by each of the elementwise operations in between, and handed back to the system and asked for anew by each
layer, such arrays cost as much time as the convolutions. Pieces of a few thousand samples cost next to nothing, and
because the receptive field of every layer is known (`narrows.models.receptive_field`), their results are those of the
whole. Each piece reads the weights again, so layers with many weights get longer pieces of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, receptive_field
from narrows.models.streaming.run import run_chunked

PIECE = 2**21
"""Values of the widest layer of a piece: 8 MB in float32."""
WEIGHTS = 2**19
"""The most that layers share a piece with."""
VALUES_PER_WEIGHT = 1
"""The least of a piece, so that weights are read more seldom than values."""
CONTEXT = Fraction(1, 16)
"""Layers share a piece while what they compute twice, at its ends, is at most this share of it."""

RunLayers = Callable[[Sequence[nn.Module], Tensor], Tensor]
"""Layers, and their input `(B, C, 1, T)`, which they must not overwrite; gives their output."""


@dataclass(frozen=True)
class Group:
    """Layers that work on a piece together."""

    modules: Sequence[nn.Module]
    field: ReceptiveField
    values: Fraction
    """Values of the widest layer for each sample of the input."""
    weights: int
    """Their number; each piece reads them again."""

    @property
    def piece(self) -> int:
        """Samples of the input that fill a piece."""
        return max(1, int(max(PIECE, VALUES_PER_WEIGHT * self.weights) / self.values))

    @property
    def splits(self) -> bool:
        """Whether pieces give the result of the whole, at little extra work."""
        field = self.field
        return field.exact and not field.recurrences and field.left + field.right <= CONTEXT * self.piece

    def joined(self, other: Group) -> Group:
        """Both, one after the other."""
        values = max(self.values, other.values / self.field.stride)
        field = self.field.then(other.field)
        return Group([*self.modules, *other.modules], field, values, self.weights + other.weights)

    def run(self, run: RunLayers, x: Tensor) -> Tensor:
        """The output of the layers for `(B, C, 1, T)`."""
        outputs = int(self.piece / len(x) / self.field.stride)
        if not self.splits or outputs < 1:
            return run(self.modules, x)
        return run_chunked(partial(run, self.modules), self.field, x, outputs)


class BlockingPlan:
    """The groups in which layers run.

    Args:
        layers: run one after the other.
        run: how layers run on a piece.
    """

    def __init__(self, layers: Sequence[nn.Module], run: RunLayers) -> None:
        self.groups = list(grouped(layers))
        self._run = run

    def applies(self, x: Tensor) -> bool:
        """Whether the plan is for such an input, and nothing wants the layers as they are: no gradient, no graph."""
        plain = torch.is_grad_enabled() or torch.compiler.is_compiling()
        known = x.dtype in (torch.float32, torch.bfloat16, torch.float16)
        return x.device.type == "cpu" and x.dim() == 3 and known and not plain

    def run(self, x: Tensor) -> Tensor:
        """The output for `(B, C, T)`."""
        out = x.unsqueeze(2)
        for group in self.groups:
            out = group.run(self._run, out)
        return out.squeeze(2).to(x.dtype).contiguous()


def grouped(layers: Sequence[nn.Module]) -> Iterator[Group]:
    """Layers in groups, each as large as can work on pieces without computing much twice."""
    current: Group | None = None
    for layer in layers:
        weights = sum(parameter.numel() for parameter in layer.parameters())
        group = Group([layer], receptive_field(layer), _values(layer), weights)
        if current is None:
            current = group
            continue
        joined = current.joined(group)
        if joined.splits and joined.weights <= WEIGHTS:
            current = joined
        else:
            yield current
            current = group
    if current is not None:
        yield current


def _values(layer: nn.Module) -> Fraction:
    """Values of the widest array in a layer, for each sample of its input."""
    widest, rate = Fraction(1), Fraction(1)
    for module in layer.modules():
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
            before, stride = rate, module.stride[0]
            rate = rate / stride if isinstance(module, nn.Conv1d) else rate * stride
            widest = max(widest, module.in_channels * before, module.out_channels * rate)
    return widest
