"""Words for what is wrong with a value."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

KINDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "dict": "an object",
    "model": "an object",
    "none": "null",
    "literal": "one of the known words",
}
"""How messages call a JSON type, by the first word of pydantic's error type."""

LIMITS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}

LENGTHS = {"too_short", "too_long", "string_too_short", "string_too_long"}


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that is most like a mistyped one, or None."""
    import difflib  # only documents with mistakes need it

    matches = difflib.get_close_matches(str(word).lower(), [k.lower() for k in known], 1, 0.6)
    return next((k for k in known if matches and k.lower() == matches[0]), None)


def shown(value: Any) -> str:
    """A value as JSON, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError, TypeError):  # huge integers, deep nesting, keys that are no texts
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:57]}..."


def one_of(known: Sequence[str]) -> str:
    """The hint that lists what there is."""
    return f"Known: {', '.join(known)}." if known else "Remove it: no keys are known here."


def wrong_alternative(kinds: Sequence[str], value: Any) -> tuple[str, Any, str]:
    """Message, value and hint for a value of none of several JSON types."""
    words = list(dict.fromkeys(KINDS[kind.partition("_")[0]] for kind in kinds))
    return f"Must be {' or '.join(words)}, got {shown(value)}.", value, ""


def wrong_value(kind: str, context: dict[str, Any], value: Any) -> tuple[str, Any, str]:
    """Message, value and hint for a value of the wrong type or outside its range."""
    got = shown(value)
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        close = nearest(str(value), known)
        return f"Must be {context['expected']}, got {got}.", value, f"Did you mean {close!r}?" if close else ""
    if kind in LIMITS:
        name, words = LIMITS[kind]
        return f"Must be {words} {context[name]:g}, got {got}.", value, ""
    if kind in LENGTHS:
        return _wrong_length(kind, context, value)
    if kind == "string_pattern_mismatch":
        return f"Must match the pattern {context['pattern']}, got {got}.", value, ""
    if kind == "finite_number":
        return f"Must be a finite number, got {got}.", value, ""
    if kind == "int_from_float":
        return f"Must be an integer, got {got}.", value, ""
    if kind == "nonzero":
        return f"Must not be 0, got {got}.", value, ""
    if kind == "value_error":
        return f"{context.get('error', 'Not a usable value')}".rstrip(".") + f", got {got}.", value, ""
    word = kind.partition("_")[0]
    return f"Must be {KINDS.get(word, word)}, got {got}.", value, _unquoted(word, value)


def _wrong_length(kind: str, context: dict[str, Any], value: Any) -> tuple[str, Any, str]:
    bound = context.get("min_length", context.get("max_length"))
    words = "at least" if "min_length" in context else "at most"
    unit = "characters" if kind.startswith("string") else "entries"
    return f"Must have {words} {bound} {unit}, got {shown(value)}.", value, ""


def _unquoted(word: str, value: Any) -> str:
    """The hint for a number or truth value that was written as text."""
    if word in {"int", "float", "bool"} and isinstance(value, str):
        try:
            return f"Write {json.dumps(json.loads(value.lower()))} without quotes."
        except (json.JSONDecodeError, RecursionError, ValueError):
            return ""
    return ""
