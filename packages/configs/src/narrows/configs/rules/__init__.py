"""Rules between fields: what a schema cannot say, checked without building a model.

Each rule is a function from a typed configuration to problems, in the module of the part it is about. `check` walks
a configuration and applies every rule to each object of the rule's class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from narrows.configs._documents import join
from narrows.configs._errors import Problem

Rule = Callable[[Any], Iterator[Problem]]

MODULES = (
    "autoencoder",
    "bottlenecks",
    "conditioning",
    "datasets",
    "diffusion",
    "diffusion_autoencoder",
    "diffusion_training",
    "encoders",
    "experiment",
    "hyperencoder",
    "language_models",
    "losses",
    "optimization",
    "pretransforms",
    "runs",
    "same",
    "spectral",
    "spectral_data",
    "training",
)
_rules: dict[str, list[Rule]] = {}


def warning(function: Rule) -> Rule:
    """Register a rule that warns: what it finds works, but is probably not meant."""

    def warn(config: Any) -> Iterator[Problem]:
        for problem in function(config):
            yield problem._replace(level="warning")

    wrapped = wraps(function)(warn)
    wrapped.warns = True  # type: ignore[attr-defined]
    return rule(wrapped)


def rule(function: Rule) -> Rule:
    """Register a rule for the class its argument is annotated with, or for each class of a union.

    The class is known by its name, which is unique over all schemas, so that importing rules imports no classes: keep
    those imports below `if TYPE_CHECKING:`. The rule's pointers are relative to that object.
    """
    annotation = next(text for name, text in function.__annotations__.items() if name != "return")
    for name in re.split(r"\s*\|\s*", annotation.strip()):
        _rules.setdefault(name.rpartition(".")[2], []).append(function)
    return function


def registered() -> list[Rule]:
    """Every rule, in the order of modules and lines."""
    import_all()
    return list(dict.fromkeys(function for functions in _rules.values() for function in functions))


def import_all() -> None:
    """Register the rules of every topic."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")


def check(config: BaseModel, incomplete: bool = False) -> list[Problem]:
    """All problems between the fields of a configuration and of everything inside it.

    Args:
        config: a typed configuration.
        incomplete: it lacks the fields that are wrong on their own; rules that need one of those are passed over.
    """
    import_all()
    return list(_check(config, "", incomplete))


def _check(value: Any, pointer: str, incomplete: bool) -> Iterator[Problem]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check(item, join(pointer, index), incomplete)
    if not isinstance(value, BaseModel):
        return
    for function in _rules.get(type(value).__name__, []):
        for problem in _apply(function, value, incomplete):
            related = tuple(pointer + other for other in problem.related)
            yield problem._replace(
                pointer=pointer + problem.pointer, related=related, kind="rule", rule=function.__name__
            )
    for name, field in type(value).model_fields.items():
        if name in value.__dict__:
            yield from _check(getattr(value, name), join(pointer, field.alias or name), incomplete)


def _apply(function: Rule, value: BaseModel, incomplete: bool) -> list[Problem]:
    try:
        return list(function(value))
    except (OverflowError, ValueError):  # Python prints no integer of more than 4300 digits, and has a largest float
        if incomplete:
            return []
        return [Problem("", "A number in here is too large to be worked with.", None, "Check its digits.")]
    except Exception:
        if incomplete:  # fields are missing and lists too short: a rule may trip over anything
            return []
        raise
