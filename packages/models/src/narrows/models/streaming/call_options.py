"""Options of a call that are not for the bottleneck."""

from __future__ import annotations

from typing import Any

from torch import nn


def call_options(coder: nn.Module, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a call that an encoder or decoder takes, and those left for the bottleneck.

    A coder lists the options it takes in `call_options`; the generator is for both.
    """
    names: frozenset[str] = getattr(coder, "call_options", frozenset())
    taken = {name: value for name, value in given.items() if name in names}
    return taken, {name: value for name, value in given.items() if name not in names or name == "generator"}
