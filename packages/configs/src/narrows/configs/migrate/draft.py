"""A document in the making: values with comments, written as YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MODELINE = "# yaml-language-server: $schema=narrows.schema.json"
"""Where editors find the schemas: `narrows schema --editor` writes the file."""


@dataclass
class Draft:
    """Top-level values of an experiment, each with a comment, and notes for the head of the file."""

    source: str
    values: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, key: str, value: Any, comment: str = "") -> None:
        """Set a value."""
        self.values[key] = value
        if comment:
            self.comments[key] = comment

    def drop(self, key: str, value: Any, reason: str) -> None:
        """Note that something of the source has no place here."""
        self.notes.append(f"dropped: {key} = {value!r}: {reason}")

    def document(self) -> dict[str, Any]:
        """The values alone."""
        return dict(self.values)

    def text(self) -> str:
        """The file."""
        import yaml

        lines = [MODELINE, f"# Made by `narrows migrate` from {self.source}."]
        lines += [f"# {line}" for note in self.notes for line in note.splitlines()]
        for key, value in self.values.items():
            if key in self.comments:
                lines.append(f"# {self.comments[key]}")
            lines.append(yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True).rstrip())
        return "\n".join(lines) + "\n"
