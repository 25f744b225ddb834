"""Receptive fields of modules: those that answer themselves, and torch's own layers."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce, singledispatch
from typing import Any, Protocol, runtime_checkable

from torch import nn

from narrows.models.float32_layers import plain_class
from narrows.models.receptive_field.arithmetic import (
    ReceptiveField,
    convolution,
    obstacle,
    padding,
    pointwise,
    recurrent,
    transposed,
)
from narrows.models.receptive_field.structure import Chain, Sum, parts, structure_of


@runtime_checkable
class HasReceptiveField(Protocol):
    """A module that states its own receptive field, where its `structure` does not say it."""

    def receptive_field(self) -> ReceptiveField:
        """Of the module's `forward`."""
        ...


def receptive_field(module: nn.Module) -> ReceptiveField:
    """The receptive field of a module.

    A module states it with a method `receptive_field`, or it follows from the module's declared `structure`; the
    layers of torch are known here. Anything else is assumed to depend on the whole clip and reported as an obstacle.
    """
    if isinstance(module, HasReceptiveField):
        return module.receptive_field()
    structure = structure_of(module)
    if isinstance(structure, Chain):
        return chain(*(part for part in parts(module, structure) if part is not None))
    if isinstance(structure, Sum):
        return parallel(*(pointwise() if part is None else part for part in parts(module, structure)))
    plain = plain_class(module)
    known: Any = next((cls for cls in plain.__mro__[:-1] if cls in layer_field.registry), None)
    if known is not None and plain.forward is not known.forward:
        reason = f"is a {known.__name__} with a forward of its own; it can state it in receptive_field()"
        return obstacle(module, reason)
    return layer_field(module)


@singledispatch
def layer_field(module: Any) -> ReceptiveField:
    """The receptive field of a layer of torch; unknown layers are obstacles."""
    return obstacle(module, "is not known to have a bounded receptive field; it can state it in receptive_field()")


def chain(*parts: nn.Module | ReceptiveField) -> ReceptiveField:
    """The field of parts that run one after the other."""
    fields = [part if isinstance(part, ReceptiveField) else receptive_field(part) for part in parts]
    return reduce(ReceptiveField.then, fields, ReceptiveField())


def parallel(*parts: nn.Module | ReceptiveField) -> ReceptiveField:
    """The field of parts that read the same input and whose outputs are added or joined."""
    return reduce(ReceptiveField.beside, [chain(part) for part in parts])


# Linear and LayerNorm work on the last axis, which is the channels wherever the length is free.
POINTWISE = (
    nn.CELU,
    nn.Dropout,
    nn.ELU,
    nn.GELU,
    nn.Identity,
    nn.LayerNorm,
    nn.LeakyReLU,
    nn.Linear,
    nn.Mish,
    nn.PReLU,
    nn.RMSNorm,
    nn.ReLU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Tanh,
)


def _pointwise(module: nn.Module) -> ReceptiveField:
    return pointwise()


for _layer in POINTWISE:
    layer_field.register(_layer, _pointwise)


@layer_field.register
def _(module: nn.Conv1d) -> ReceptiveField:
    kernel, dilation = module.kernel_size[0], module.dilation[0]
    if module.padding_mode == "circular":
        return obstacle(module, "pads with the other end of the clip")
    if isinstance(module.padding, str):
        pad = (kernel - 1) * dilation // 2 if module.padding == "same" else 0
    else:
        pad = module.padding[0]
    mirrored = pad + 1 if module.padding_mode == "reflect" else 0
    return convolution(kernel, module.stride[0], dilation, pad, mirrored)


@layer_field.register
def _(module: nn.ConvTranspose1d) -> ReceptiveField:
    # `padding` is a tuple of one here; only Conv1d takes words.
    trim = module.padding[0]
    assert isinstance(trim, int)
    return transposed(module.kernel_size[0], module.stride[0], module.dilation[0], trim)


@layer_field.register(nn.ConstantPad1d)
@layer_field.register(nn.ReplicationPad1d)
def _(module: nn.ConstantPad1d | nn.ReplicationPad1d) -> ReceptiveField:
    return padding(module.padding[0])


@layer_field.register
def _(module: nn.ReflectionPad1d) -> ReceptiveField:
    return padding(module.padding[0], mirrored=max(module.padding))


@layer_field.register(nn.AvgPool1d)
@layer_field.register(nn.MaxPool1d)
def _(module: nn.AvgPool1d | nn.MaxPool1d) -> ReceptiveField:
    kernel, stride, pad, dilation = (
        value[0] if isinstance(value, tuple) else value
        for value in (module.kernel_size, module.stride, module.padding, getattr(module, "dilation", 1))
    )
    return convolution(kernel, stride, dilation, pad)


@layer_field.register
def _(module: nn.Upsample) -> ReceptiveField:
    factor = module.scale_factor[0] if isinstance(module.scale_factor, tuple) else module.scale_factor
    if factor is None or factor != int(factor) or module.align_corners:
        return obstacle(module, "stretches the clip as a whole")
    factor = int(factor)
    if module.mode == "nearest":
        return transposed(factor, factor)
    if module.mode == "linear":
        # Output i lies at (i + 1/2) / factor - 1/2 between two inputs.
        half = Fraction(factor - 1, 2 * factor)
        return ReceptiveField(stride=Fraction(1, factor), left=1 + half, right=1 - half)
    return obstacle(module, f"upsamples by {module.mode!r}, whose reach is not known")


@layer_field.register(nn.LSTM)
@layer_field.register(nn.GRU)
def _(module: nn.LSTM | nn.GRU) -> ReceptiveField:
    if module.bidirectional:
        return obstacle(module, "reads the clip backwards too")
    return recurrent(module)


@layer_field.register
def _(module: nn.BatchNorm1d) -> ReceptiveField:
    if module.training or not module.track_running_stats:
        return obstacle(module, "normalises over the clip while training; call eval() first")
    return pointwise()


@layer_field.register(nn.GroupNorm)
@layer_field.register(nn.InstanceNorm1d)
def _(module: nn.GroupNorm | nn.InstanceNorm1d) -> ReceptiveField:
    return obstacle(module, "normalises over the whole clip")


@layer_field.register
def _(module: nn.MultiheadAttention) -> ReceptiveField:
    return obstacle(module, "attends to the whole clip")
