"""The stricter reading of conditions: what a person asked for, before anything is encoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import torch

from narrows.models.conditioners.base import ConditionError
from narrows.models.conditioners.multi import MultiConditioner, unwrapped


class RequestProblem(NamedTuple):
    """One thing that is wrong with an item of a request."""

    item: int
    """Position in the request, from 0."""
    condition: str
    """Key in the item, or id of the condition that is missing."""
    message: str
    """What is wrong, in one sentence."""
    value: Any = None
    """The offending value."""
    hint: str = ""
    """What to write instead; may be empty."""

    def __str__(self) -> str:
        """One line."""
        return f"Item {self.item}: {self.message}{f' {self.hint}' if self.hint else ''}"


def check_request(
    conditioner: MultiConditioner, items: Sequence[Mapping[str, Any]], also: Iterable[str] = ()
) -> list[RequestProblem]:
    """Everything that is wrong with the conditions of a request; empty when it can be run as it stands.

    Unlike the conditioners themselves, which take what the references take, this refuses conditions that nothing
    reads, values of another type, and values out of range unless the option `out_of_range` is `clamp`.

    Args:
        conditioner: of the model.
        items: a mapping of conditions an item.
        also: keys that something else reads.
    """
    known = list(dict.fromkeys((*conditioner.ids, *conditioner.default_keys.values(), *also)))
    problems = []
    for index, item in enumerate(items):
        problems += [_unknown(index, str(key), item[key], known) for key in item if key not in known]
        for name, module in conditioner.items():
            key = conditioner.key_of(item, name)
            if key is None:
                wanted = " or ".join(repr(k) for k in (name, conditioner.default_keys.get(name)) if k)
                problems.append(RequestProblem(index, name, f"The condition {wanted} is missing."))
                continue
            value = unwrapped(item[key])
            wrong = _encoded(value) if name in conditioner.pre_encoded_keys else module.problem(value)
            if wrong is not None:
                problems.append(RequestProblem(index, key, f"{key!r} {wrong}, got {_shown(value)}.", value))
    return problems


def text_key(conditioner: MultiConditioner, index: int) -> str:
    """The key of an item that a bare prompt fills: `prompt` where something reads it, else the first text.

    Args:
        conditioner: of the model.
        index: of the item, for the message.

    Raises:
        ConditionError: no condition takes a text.
    """
    if "prompt" in (*conditioner.ids, *conditioner.default_keys.values()):
        return "prompt"
    for name, module in conditioner.items():
        if module.problem("a text") is None:
            return name
    raise ConditionError(f"Item {index}: no condition of this model takes a text; it has {', '.join(conditioner.ids)}")


def cut_words(conditioner: MultiConditioner, items: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The words of each item that its text encoders do not read because the text is too long, by condition."""
    found: list[dict[str, str]] = []
    for item in items:
        cut = {}
        for name, module in conditioner.items():
            key, tell = conditioner.key_of(item, name), getattr(module, "cut_words", None)
            value = unwrapped(item[key]) if key is not None else None
            if tell is not None and isinstance(value, str) and (words := tell(value)):
                cut[name] = words
        found.append(cut)
    return found


def _unknown(index: int, key: str, value: Any, known: list[str]) -> RequestProblem:
    close = get_close_matches(key, known, 1, 0.6)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known) or 'none'}."
    return RequestProblem(index, key, f"There is no condition {key!r}.", value, hint)


def _encoded(value: Any) -> str | None:
    return None if isinstance(value, torch.Tensor) else "must be a tensor: its conditioner takes encoded conditions"


def _shown(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
