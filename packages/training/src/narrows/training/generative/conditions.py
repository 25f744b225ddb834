"""Conditions of a batch: what its metadata tell the conditioners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from narrows.models.conditioners.multi import MultiConditioner, unwrapped


def conditions_of(conditioner: Any, metadata: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the metadata of each item, what the conditioners read, by the names of the conditioners.

    Args:
        conditioner: of the model; None for an unconditional one.
        metadata: of each item; where a key is missing, the conditioner says so.
    """
    if not isinstance(conditioner, MultiConditioner):
        return [{} for _ in metadata]
    return [_read(conditioner, item) for item in metadata]


def _read(conditioner: MultiConditioner, item: Mapping[str, Any]) -> dict[str, Any]:
    keys = {name: conditioner.key_of(item, name) for name in conditioner.ids}
    return {name: unwrapped(item[key]) for name, key in keys.items() if key is not None}
