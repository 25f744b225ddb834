"""Names of tensors: how modules call them, and how files do.

Files keep the spelling of stable-audio-tools, so that they can be exchanged with it; weight and spectral normalisation
are the one place where our modules differ (see `narrows.models.blocks.convolutions`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

# (name in the modules, name in files)
WEIGHT_NORM = (
    (".parametrizations.weight.original0", ".weight_g"),
    (".parametrizations.weight.original1", ".weight_v"),
)


SPECTRAL_NORM = (
    (".parametrizations.weight.original", ".weight_orig"),
    (".parametrizations.weight.0._u", ".weight_u"),
    (".parametrizations.weight.0._v", ".weight_v"),
)


def to_file(state: Mapping[str, Value]) -> dict[str, Value]:
    """State dict of a model, spelt as in files."""
    return {_replace_end(key, dict(WEIGHT_NORM + SPECTRAL_NORM)): value for key, value in state.items()}


def from_file(state: Mapping[str, Value]) -> dict[str, Value]:
    """State dict of a file, spelt as in modules; files with the new spelling pass unchanged."""
    return {_replace_end(key, _spelling(key, state)): value for key, value in state.items()}


def _spelling(key: str, state: Mapping[str, Value]) -> dict[str, str]:
    """The endings of a layer's names: `weight_v` means one thing beside `weight_g`, another beside `weight_orig`."""
    spectral = f"{key.rpartition('.')[0]}.weight_orig" in state
    return {file: module for module, file in (SPECTRAL_NORM if spectral else WEIGHT_NORM)}


def _replace_end(key: str, endings: Mapping[str, str]) -> str:
    for old, new in endings.items():
        if key.endswith(old):
            return key.removesuffix(old) + new
    return key


def strip_prefix(state: Mapping[str, Value], pattern: str) -> dict[str, Value]:
    """The entries whose name starts with a pattern, without it."""
    prefix = re.compile(pattern)
    return {prefix.sub("", key, count=1): value for key, value in state.items() if prefix.match(key)}
