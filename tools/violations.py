"""Documents that break exactly one rule between fields each: tests/configs/violations.

They are what docs/rules.md shows, and what the tests hold every rule against.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).resolve().parent.parent / "tests/configs"


@dataclass(frozen=True)
class Violation:
    """A document that breaks one rule."""

    kind: str | None
    """Family of the document; None for whole ones."""
    document: Any
    written: Any
    """What is wrong, for people: the component, or the values that were replaced in a good document."""


def violations() -> dict[str, Violation]:
    """One document a rule, by the rule's name."""
    found: dict[str, Violation] = {}
    for path in sorted((TESTS / "violations").glob("*.yaml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, entry in entries.items():
            if name in found:
                raise ValueError(f"{path.name}: {name} is there twice")
            found[name] = _violation(entry)
    return found


def _violation(entry: dict[str, Any]) -> Violation:
    if "document" in entry:
        return Violation(entry["kind"], entry["document"], entry["document"])
    document = copy.deepcopy(_valid(entry["of"]))
    for pointer, value in sorted(entry["set"].items(), key=lambda item: item[0].count("/")):
        _write(document, pointer, _resolved(value))
    return Violation(None, document, entry["set"])


@cache
def _valid(name: str) -> Any:
    return json.loads((TESTS / "corpus" / f"{name}.json").read_text(encoding="utf-8"))


def _resolved(value: Any) -> Any:
    """A value in which every text that starts with @ is the document of that name."""
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    return copy.deepcopy(_valid(value[1:])) if isinstance(value, str) and value.startswith("@") else value


def _write(document: Any, pointer: str, value: Any) -> None:
    *parents, last = pointer.split("/")[1:]
    for part in parents:
        document = document[int(part)] if isinstance(document, list) else document.setdefault(part, {})
    if isinstance(document, list):
        document[int(last) : int(last) + 1] = [value]
    else:
        document[last] = value
