"""The layers of convolutional autoencoders without gradients: channels last, in place, nothing computed twice.

Results are those of each layer's own `forward` up to rounding. Signals have the shape `(B, C, 1, T)`, because oneDNN,
torch's library for CPUs, convolves two-dimensional arrays only, and fastest with the channels of a sample side by
side. The usual layers are known here; a module composed of others declares its structure
(`narrows.models.receptive_field.structure`), and any other module runs as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.activations import Snake, SnakeBeta
from narrows.models.blocks.convolutions import ExactDownsampling, ExactUpsampling
from narrows.models.blocks.padded_convolutions import PaddedConv1d, TrimmedConvTranspose1d
from narrows.models.inference.cpu.onednn import convolve, transposed, with_ends
from narrows.models.receptive_field import Chain, Sum, structure_of
from narrows.models.receptive_field.structure import parts


@singledispatch
def apply(module: nn.Module, x: Tensor, ours: bool) -> Tensor:
    """The output of a layer.

    Args:
        module: the layer.
        x: `(B, C, 1, T)`.
        ours: whether `x` may be overwritten.
    """
    structure = structure_of(module)
    if isinstance(structure, Chain):
        return in_a_row([part for part in parts(module, structure) if part is not None], x, ours)
    if isinstance(structure, Sum):
        return summed(parts(module, structure), x, ours)
    return as_it_is(module, x)


def as_it_is(module: nn.Module, x: Tensor) -> Tensor:
    """The output of the layer's own `forward`."""
    parameter = next(module.parameters(), x)
    out: Tensor = module(x.squeeze(2).to(parameter.dtype))
    return out.unsqueeze(2)


def known(modules: Iterable[nn.Module]) -> Iterator[nn.Module]:
    """Those of some layers, and of the layers in them, that do not run as they are when they run here."""
    for module in modules:
        if apply.dispatch(type(module)) is not apply.dispatch(object):
            yield module
            yield from known(module.children())
        elif isinstance(structure := structure_of(module), Chain | Sum):
            yield from known(part for part in parts(module, structure) if part is not None)


def in_a_row(modules: Iterable[nn.Module], x: Tensor, ours: bool = False) -> Tensor:
    """The output of layers one after the other."""
    for module in modules:
        out = apply(module, x, ours)
        # The next layer may overwrite a new array, but not one that this layer only passed on.
        ours = ours or not _same_memory(out, x)
        x = out
    return x


@apply.register
def _(module: nn.Identity, x: Tensor, ours: bool) -> Tensor:
    return x


@apply.register
def _(module: nn.ELU, x: Tensor, ours: bool) -> Tensor:
    fused = getattr(module, "fused", None)
    if fused is not None:
        out: Tensor = fused(x, module.alpha)
        return out
    return F.elu(x, module.alpha, inplace=ours)


@apply.register
def _(module: nn.Tanh, x: Tensor, ours: bool) -> Tensor:
    return x.tanh_() if ours else x.tanh()


@apply.register
def _(module: SnakeBeta, x: Tensor, ours: bool) -> Tensor:
    alpha, beta = module.alpha.float().exp(), module.beta.float().exp()
    return _snake(module, x, alpha[:, None, None], (1.0 / (beta + 1e-9))[:, None, None], ours)


@apply.register
def _(module: Snake, x: Tensor, ours: bool) -> Tensor:
    alpha = module.alpha[0].float()[..., None]
    return _snake(module, x, alpha, 1.0 / (alpha + 1e-9), ours)


def _snake(module: Snake | SnakeBeta, x: Tensor, frequency: Tensor, gain: Tensor, ours: bool) -> Tensor:
    """`x + gain * sin²(frequency * x)`, computed in float32."""
    if module.fused is not None:
        return module.fused(x, frequency, gain, module.alpha.dtype)
    wide = x.float()
    squared = (wide * frequency).sin_().square_()
    out = wide.addcmul_(squared, gain) if ours or wide is not x else squared.mul_(gain).add_(wide)
    return out.to(module.alpha.dtype)


@apply.register
def _(module: nn.Conv1d, x: Tensor, ours: bool) -> Tensor:
    if type(module).forward is not nn.Conv1d.forward or module.padding_mode != "zeros":
        return as_it_is(module, x)
    pad = module.padding if isinstance(module.padding, str) else (0, module.padding[0])
    return convolve(module, x, pad)


@apply.register
def _(module: ExactDownsampling, x: Tensor, ours: bool) -> Tensor:
    return convolve(module, F.pad(x, module.pads), (0, 0))


@apply.register
def _(module: nn.ConvTranspose1d, x: Tensor, ours: bool) -> Tensor:
    if type(module).forward is not nn.ConvTranspose1d.forward:
        return as_it_is(module, x)
    return transposed(module, x)


@apply.register
def _(module: ExactUpsampling, x: Tensor, ours: bool) -> Tensor:
    return module.trimmed(transposed(module, x))


@apply.register
def _(module: PaddedConv1d, x: Tensor, ours: bool) -> Tensor:
    out = with_ends(module, x)
    if out is None:
        return in_a_row(module.conv, module.padded(x))
    _, *norm = module.conv
    return in_a_row(norm, out, ours=True)


@apply.register
def _(module: TrimmedConvTranspose1d, x: Tensor, ours: bool) -> Tensor:
    return module.trimmed(in_a_row(module.convtr, x, ours))


def summed(branches: list[nn.Module | None], x: Tensor, ours: bool) -> Tensor:
    """The sum of branches that read the same input; None is the input itself."""
    modules = [branch for branch in branches if branch is not None]
    # The last branch runs first, so that the others can be added to its new array.
    out = in_a_row(modules[-1:], x)
    if _same_memory(out, x):
        out = out.clone()
    for module in modules[-2::-1]:
        out = out.add_(apply(module, x, False))
    return out if len(modules) == len(branches) else add(x, out, ours)


def add(skip: Tensor, branch: Tensor, ours: bool) -> Tensor:
    """The sum, in float32: what residual units hand on is rounded once where it is used, not once a unit."""
    if skip.dtype != torch.float32:
        return branch.float().add_(skip)
    return skip.add_(branch) if ours else branch.float().add_(skip)


def _same_memory(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
