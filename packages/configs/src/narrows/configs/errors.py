"""What is wrong with a configuration, and the errors that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class NarrowsError(Exception):
    """Base of every error that a user can cause and mend; the command line shows its message without a traceback.

    Whatever its class takes, it can be pickled: workers and other machines send their errors.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[NarrowsError], arguments: tuple[Any, ...]) -> NarrowsError:
    """An error as it was, without its `__init__`, which may take other things than the message."""
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    return error


class Problem(NamedTuple):
    """One thing that is wrong with a document.

    The first four fields are the contract; the rest tell how to show it.
    """

    pointer: str
    """JSON pointer of the offending value (RFC 6901); empty for the whole document."""
    message: str
    """What is wrong, in one sentence."""
    value: Any = None
    """The offending value."""
    hint: str = ""
    """What to write instead; may be empty."""
    line: int | None = None
    """Line in the file, counted from 1."""
    column: int | None = None
    """Column in the file, counted from 1."""
    source: str = ""
    """File the document came from; empty for a document given in Python."""
    related: tuple[str, ...] = ()
    """Pointers of other fields that this one disagrees with."""
    kind: str = "value"
    """`missing-tag`, `unknown-tag`, `unknown-key`, `missing`, `syntax`, `rule` or `value`."""
    level: str = "error"
    """`error`, or `warning` for what works but is probably not meant."""
    rule: str = ""
    """Name of the rule between fields that found it; see docs/rules.md."""

    def __str__(self) -> str:
        """`message` first, then where, then the hint."""
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part)
        where = f"at {self.pointer}" if self.pointer else ""
        where = f"{place} {where}".strip()
        return "\n".join(part for part in (self.message, f"  {where}" if where else "", _indent(self.hint)) if part)


def _indent(hint: str) -> str:
    return f"  hint: {hint}" if hint else ""


class ConfigError(NarrowsError, ValueError):
    """A configuration that cannot be used; `.problems` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        text = "\n".join(str(problem) for problem in self.problems)
        super().__init__(text if len(self.problems) == 1 else f"{len(self.problems)} problems:\n{text}")


class MissingTypeError(ConfigError, AssertionError):
    """A component without its `type`; an AssertionError as well, as in stable-audio-tools."""


class UnknownTypeError(ConfigError, NotImplementedError):
    """A component of a `type` that does not exist; a NotImplementedError as well, as in stable-audio-tools."""


def config_error(problems: Sequence[Problem]) -> ConfigError:
    """The error class that fits: the first missing or unknown tag decides, if there is one."""
    kinds = {"missing-tag": MissingTypeError, "unknown-tag": UnknownTypeError}
    for problem in problems:
        if problem.kind in kinds:
            return kinds[problem.kind](problems)
    return ConfigError(problems)
