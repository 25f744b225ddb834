"""How a module is composed of others, declared on its class.

Receptive fields, padded batches and prepared inference follow these declarations, so that none of them knows an
architecture. A block of an encoder or decoder states what its `forward` does:

    class ResidualUnit(nn.Module):
        structure = Sum(INPUT, "layers")

and a layer that changes the length of a clip, or reads beyond its ends, states that it is one: `structure = LAYER`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from narrows.models.float32_layers import plain_class

INPUT = ""
"""In place of a sub-module's name: the input itself, as in a skip connection."""


@dataclass(frozen=True, init=False)
class Chain:
    """Sub-modules that run one after the other, each on the output of the one before.

    Args:
        names: of the sub-modules; none for all of them, in the order of registration.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True, init=False)
class Sum:
    """Sub-modules that read the same input, and whose outputs are added.

    Args:
        names: of the sub-modules, and `INPUT` at most once.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        if names.count(INPUT) > 1 or not any(names):
            raise ValueError(f"A Sum needs sub-modules and at most one INPUT, got {names}")
        object.__setattr__(self, "names", names)


@dataclass(frozen=True)
class Layer:
    """A layer of one convolution, which states its receptive field itself.

    It pads with zeros. Otherwise it has `pad_mode`, `pads(length)` (samples before and after) and `padded_by`, the
    sub-module that takes the padded signal, as `PaddedConv1d` does.
    """


LAYER = Layer()
Structure = Chain | Sum | Layer


def structure_of(module: nn.Module) -> Structure | None:
    """The declared structure of a module; None where there is none, or where a subclass has another `forward`.

    `nn.Sequential` is a chain, and the convolutions, zero padding and repetition of torch are layers.
    """
    for cls in plain_class(module).__mro__:
        declared: Any = vars(cls).get("structure", TORCH.get(cls))
        if declared is not None:
            found: Structure = declared
            return found
        if "forward" in vars(cls):
            return None
    return None


TORCH: dict[type, Structure] = {
    nn.Sequential: Chain(),
    nn.Conv1d: LAYER,
    nn.ConvTranspose1d: LAYER,
    nn.Upsample: LAYER,
    nn.ZeroPad1d: LAYER,
}


def parts(module: nn.Module, structure: Chain | Sum) -> list[nn.Module | None]:
    """The sub-modules that a structure names, in order; None is the input itself."""
    if not structure.names:
        return list(module.children())
    return [None if name == INPUT else module.get_submodule(name) for name in structure.names]
