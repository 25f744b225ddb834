"""Demos of generative models: requests, as `narrows generate` takes them, and the sounds that come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from narrows.training.demos.demo import Demo


def demo_conditions(
    given: Sequence[Any] | None, batch: Sequence[Mapping[str, Any]], count: int
) -> list[dict[str, Any]]:
    """Conditions of the demos: those of the configuration, or those of a batch.

    Args:
        given: the configuration's `demo_cond`, objects of free fields; None takes the batch's.
        batch: conditions of the clips of a batch; empty ones for an unconditional model.
        count: how many demos are wanted.
    """
    if given is not None:
        return [dict(entry.model_extra or {}) for entry in given]
    if not any(batch):
        return [{} for _ in range(count)]
    return [dict(item) for item in batch[:count]]


def request_demos(requests: Sequence[Mapping[str, Any]], sounds: Sequence[Tensor], label: str = "") -> Iterator[Demo]:
    """Each sound with its request in the words of a prompt file, so that it can be made again.

    Args:
        requests: fields of `narrows.configs.GenerationRequest`.
        sounds: `(C, T)` each.
        label: goes into the names of the files, e.g. the guidance scale where there are several.
    """
    for index, (request, sound) in enumerate(zip(requests, sounds, strict=True)):
        yield Demo(f"{index:02d}{label}", {"generated": sound}, notes=_plain(request))


def _plain(value: Any) -> Any:
    """A value as JSON knows it; what it does not know, as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else repr(value)
