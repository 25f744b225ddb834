"""Parts that stay as they are: neither gradients nor the forward pass change anything of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import nn

from narrows.configs import NarrowsError


class FreezeError(NarrowsError, ValueError):
    """`freeze` names nothing of the model."""


def freeze(model: nn.Module, patterns: Iterable[str]) -> list[nn.Module]:
    """Freeze parts of a model, in place.

    Args:
        model: to be trained.
        patterns: names of modules or of parameters, with the wildcards `*` and `?`.

    Returns:
        The modules that are named, which should stay in evaluation mode.

    Raises:
        FreezeError: a pattern matches nothing; the message has names that are like it.
    """
    modules = {name: module for name, module in model.named_modules() if name}
    parameters = dict(model.named_parameters())
    frozen: list[nn.Module] = []
    for pattern in patterns:
        parts = [module for name, module in modules.items() if fnmatchcase(name, pattern)]
        single = [parameter for name, parameter in parameters.items() if fnmatchcase(name, pattern)]
        if not parts and not single:
            raise FreezeError(_unmatched(pattern, [*modules, *parameters]))
        for thing in (*parts, *single):
            thing.requires_grad_(False)
        frozen += parts
    return frozen


def _unmatched(pattern: str, names: list[str]) -> str:
    near = get_close_matches(pattern, names, 4, 0.5) or [name for name in names if "." not in name]
    return f"freeze: nothing in the model is called {pattern!r}. There are for example: {', '.join(near)}"


@contextmanager
def frozen_encoding(model: Any, freeze: bool) -> Iterator[None]:
    """Inside, a frozen model encodes as it will in use.

    Without gradients alone, a forward pass in training mode still moves codebooks that are averages (`rvq`), replaces
    dead codes and updates statistics of normalisation, so that latents and tokens would change their meaning.

    Args:
        model: with an `encoder` and a `bottleneck`.
        freeze: False changes nothing.
    """
    if not freeze:
        yield
        return
    parts = [part for part in (model.encoder, model.bottleneck) if isinstance(part, nn.Module)]
    modes = [(module, module.training) for part in parts for module in part.modules()]
    try:
        for part in parts:
            part.eval()
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def children_except_frozen(model: nn.Module, *names: str) -> list[str]:
    """Names of the children of a model, without those of the given names that have nothing to train."""
    return [
        name
        for name, child in model.named_children()
        if name not in names or any(parameter.requires_grad for parameter in child.parameters())
    ]


def with_parameters(*modules: nn.Module | None) -> list[nn.Module]:
    """The modules that exist and have parameters."""
    return [module for module in modules if module is not None and any(True for _ in module.parameters())]
