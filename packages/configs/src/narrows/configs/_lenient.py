"""Unknown keys that stable-audio-tools ignores: warnings instead of errors.

It reads its own objects key by key and never looks at the others; options below `config` (and `*_kwargs`) are passed
to a constructor, which refuses what it does not know. Three constructors take anything.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from narrows.configs.errors import Problem

OPEN_TYPES = {"autoencoder", "wavelet", "patched", "vae", "l2_norm"}
"""Components whose `config` the reference reads key by key, or not at all."""


def split(problems: Sequence[Problem], data: Any) -> tuple[list[Problem], list[Problem]]:
    """The unknown keys that the reference ignores, as warnings, and all other problems."""
    ignored = [p for p in problems if p.kind == "unknown-key" and _is_ignored(p.pointer, data)]
    rest = [p for p in problems if p not in ignored]
    hint = "It has no effect: remove it."
    return [p._replace(level="warning", hint=f"{p.hint} {hint}" if "mean" in p.hint else hint) for p in ignored], rest


def without(data: Any, pointers: Sequence[str]) -> Any:
    """A copy of a document without some of its values."""
    copied = copy.deepcopy(data)
    for pointer in pointers:
        *parents, last = _parts(pointer)
        _follow(copied, parents).pop(last)
    return copied


def _is_ignored(pointer: str, data: Any) -> bool:
    *parents, _ = _parts(pointer)
    if not parents or not (parents[-1] == "config" or parents[-1].endswith("_kwargs")):
        return True
    return parents[-1] == "config" and _follow(data, parents[:-1]).get("type") in OPEN_TYPES


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _follow(data: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data
