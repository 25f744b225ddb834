"""The grammar of prompt templates: names in braces, and parts in square brackets that may be left out.

`{bpm}` is a value, `{bpm:.0f}` one in a format of Python. `{{`, `}}`, `[[` and `]]` stand for the signs themselves.
Values are only written out: a template cannot look inside them, as Python's own templates can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(\w+)(?::([^{}\[\]]*))?\}|[{}\[\]]|[^{}\[\]]+")


@dataclass(frozen=True)
class Part:
    """A text, or a value."""

    text: str
    """The text, or the format of the value."""
    name: str | None = None
    """Of the value; None for a text."""


@dataclass(frozen=True)
class OptionalPart:
    """What is left out where a value in it is missing."""

    parts: tuple[Part, ...]


def parse_template(text: str) -> tuple[Part | OptionalPart, ...]:
    """The parts of a template.

    Raises:
        ValueError: braces or brackets do not match, or brackets are inside brackets.
    """
    whole: list[Part | OptionalPart] = []
    inner: list[Part] | None = None
    for match in TOKEN.finditer(text):
        token = match[0]
        if token == "[" and inner is None:
            inner = []
        elif token == "]" and inner is not None:
            whole.append(OptionalPart(tuple(inner)))
            inner = None
        elif token in ("{", "}", "[", "]"):
            raise ValueError(f"{token!r} at {match.start()} has no counterpart; write it twice for the sign itself")
        else:
            part = Part(match[2] or "", match[1]) if match[1] else Part(token[0] if _doubled(token) else token)
            (whole if inner is None else inner).append(part)
    if inner is not None:
        raise ValueError("'[' has no counterpart; write it twice for the sign itself")
    return tuple(whole)


def names_of(parts: tuple[Part | OptionalPart, ...]) -> set[str]:
    """Names of the values of a template."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, OptionalPart) else (part,))]
    return {part.name for part in flat if part.name is not None}


def _doubled(token: str) -> bool:
    return token in ("{{", "}}", "[[", "]]")
