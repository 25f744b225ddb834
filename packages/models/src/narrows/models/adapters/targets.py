"""Which layers of a model can have adapters, and how include and exclude choose among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from torch import nn

LAYERS = (nn.Linear, nn.Conv1d)
"""Classes of layers that can have one, as in stable-audio-3."""
RANGE = re.compile(r"\[(\d+)-(\d+)\]")


def parts(model: nn.Module) -> tuple[str, ...]:
    """The children of a model that adapters are put into; names in files are relative to them.

    Of generative models the network and the conditioners, of any other model all.
    """
    found = [name for name in ("model", "lm", "conditioner") if isinstance(getattr(model, name, None), nn.Module)]
    return tuple(found) if hasattr(model, "conditioner") else ("",)


def layers(model: nn.Module) -> dict[str, nn.Module]:
    """The layers that can have an adapter, by their names in the model."""
    found: dict[str, nn.Module] = {}
    for part in parts(model):
        for name, module in model.get_submodule(part).named_modules():
            if isinstance(module, LAYERS):
                found[f"{part}.{name}".strip(".")] = module
    return found


def file_name(model: nn.Module, name: str) -> str:
    """The name of a layer in files: within its part."""
    part = next(part for part in parts(model) if not part or name.startswith(f"{part}."))
    return name[len(part) + 1 :] if part else name


def chosen(
    model: nn.Module, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> dict[str, nn.Module]:
    """The layers to adapt.

    Args:
        model: the base.
        include: parts of the names in files, of which a layer has one; None for all layers. `[0-11]` stands for each
            number of the range.
        exclude: parts of the names of layers that get none.
    """
    found = {}
    for name, layer in layers(model).items():
        short = file_name(model, name)
        if (include is None or matches(short, include)) and not matches(short, exclude or ()):
            found[name] = layer
    return found


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name has one of the patterns in it."""
    return any(text in name for pattern in patterns for text in expanded(pattern.strip()))


def expanded(pattern: str) -> list[str]:
    """A pattern with each number of its ranges, e.g. `layers.[0-1]` → `layers.0`, `layers.1`."""
    pieces = RANGE.split(pattern)
    ranges = [_numbers(int(first), int(last)) for first, last in zip(pieces[1::3], pieces[2::3], strict=True)]
    return [
        "".join(text + number for text, number in zip(pieces[0::3], (*numbers, ""), strict=True))
        for numbers in product(*ranges)
    ]


def _numbers(first: int, last: int) -> list[str]:
    step = 1 if last >= first else -1
    return [str(number) for number in range(first, last + step, step)]
