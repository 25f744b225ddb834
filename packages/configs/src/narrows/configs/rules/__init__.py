"""Rules between fields: what a schema cannot say, checked without building a model.

Each rule is a function from a typed configuration to problems, in the module of the part it is about. `check` walks
a configuration and applies every rule to each object of the rule's class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc
from typing import Any, TypeVar, overload
from weakref import WeakValueDictionary

from pydantic import BaseModel

from narrows.configs._documents import join
from narrows.configs.errors import Problem

Function = Callable[[Any], Iterator[Problem]]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True)
class Rule:
    """A registered rule."""

    function: Function
    level: str
    """`error`, or `warning` for what works but is probably not meant."""
    covers: tuple[str, ...]
    """Relations of the catalogue (docs/rules.md) that it checks, e.g. `A-1`."""

    @property
    def name(self) -> str:
        """Name of its function."""
        return self.function.__name__

    @property
    def topic(self) -> str:
        """Name of its module."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def words(self) -> str:
        """What it asks for."""
        return getdoc(self.function) or ""


MODULES = (
    "adapters",
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
    "samplers",
    "spectral",
    "spectral_data",
    "spectral_networks",
    "training",
)
_rules: dict[str, list[Rule]] = {}
"""Rules by the name of the class that they are about."""


@overload
def rule(function: F) -> F: ...
@overload
def rule(*, covers: str) -> Callable[[F], F]: ...
def rule(function: F | None = None, *, covers: str = "") -> F | Callable[[F], F]:
    """Register a rule for the class its argument is annotated with, or for each class of a union.

    The class is known by its name, which is unique over all schemas, so that importing rules imports no classes: keep
    those imports below `if TYPE_CHECKING:`. The rule's pointers are relative to that object.

    Args:
        function: the rule, where the decorator is written without arguments.
        covers: relations of the catalogue that it checks, e.g. `A-1 A-2`.
    """
    return _register("error", covers) if function is None else _register("error", covers)(function)


@overload
def warning(function: F) -> F: ...
@overload
def warning(*, covers: str) -> Callable[[F], F]: ...
def warning(function: F | None = None, *, covers: str = "") -> F | Callable[[F], F]:
    """Register a rule that warns: what it finds works, but is probably not meant. Arguments as for `rule`."""
    return _register("warning", covers) if function is None else _register("warning", covers)(function)


def _register(level: str, covers: str) -> Callable[[F], F]:
    def register(function: F) -> F:
        annotation = next(text for name, text in function.__annotations__.items() if name != "return")
        for name in re.split(r"\s*\|\s*", annotation.strip()):
            _rules.setdefault(name.rpartition(".")[2], []).append(Rule(function, level, tuple(covers.split())))
        return function

    return register


def registered() -> list[Rule]:
    """Every rule, in the order of modules and lines."""
    import_all()
    return list(dict.fromkeys(rule for rules in _rules.values() for rule in rules))


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
    seen: list[BaseModel] = []
    problems = list(_check(config, "", incomplete, seen))
    if not incomplete and all(problem.level != "error" for problem in problems):
        _passed.update((id(value), value) for value in seen)
    return problems


_passed: WeakValueDictionary[int, BaseModel] = WeakValueDictionary()
"""Configurations in which no rule found an error, by identity: they are immutable and need no second look."""


def has_passed(config: BaseModel) -> bool:
    """Whether the rules have been applied to a configuration, or to one that it is part of, and found no error."""
    return _passed.get(id(config)) is config


def _check(value: Any, pointer: str, incomplete: bool, seen: list[BaseModel]) -> Iterator[Problem]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check(item, join(pointer, index), incomplete, seen)
    if not isinstance(value, BaseModel):
        return
    seen.append(value)
    for known in _rules.get(type(value).__name__, []):
        for problem in _apply(known.function, value, incomplete):
            yield problem._replace(
                pointer=pointer + problem.pointer,
                related=tuple(pointer + other for other in problem.related),
                kind="rule",
                level=known.level,
                rule=known.name,
            )
    for name, field in type(value).model_fields.items():
        if name in value.__dict__:
            yield from _check(getattr(value, name), join(pointer, field.alias or name), incomplete, seen)


def _apply(function: Function, value: BaseModel, incomplete: bool) -> list[Problem]:
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
