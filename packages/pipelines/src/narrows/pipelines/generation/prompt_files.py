"""Prompt files: one request a line (.txt, .csv, .jsonl) or an entry of a list (.yaml)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from narrows.configs import ConfigError, GenerationRequest, NarrowsError, load_part

ENDINGS = (".txt", ".csv", ".jsonl", ".yaml", ".yml")
TEXTS = ("prompt", "negative", "sampler", "schedule", "init_audio", "inpaint", "prompt_audio")
FILES = ("init_audio", "inpaint", "prompt_audio")
"""Fields that name a file, which is looked for beside the prompt file."""


class PromptFileError(NarrowsError, ValueError):
    """A prompt file, or a line of it, cannot be used."""


@dataclass(frozen=True)
class Entry:
    """One request of a prompt file or of the command line."""

    place: str
    """Where it stands, for messages."""
    document: dict[str, Any] | None
    """What it says; None where it cannot be read."""
    problem: str = ""
    """What is wrong with it; empty when nothing is."""
    folder: Path = Path()
    """Where conditions that are audio files are looked for; only the model tells which those are."""


def read_prompts(path: Path) -> list[Entry]:
    """The requests of a file, those that cannot be used with their problem.

    Raises:
        PromptFileError: the file cannot be read at all.
    """
    if path.suffix.lower() not in ENDINGS:
        raise PromptFileError(f"{path}: a prompt file ends in {', '.join(ENDINGS)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        entries = [_checked(entry, path.parent) for entry in _entries(path, text)]
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise PromptFileError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if not entries:
        raise PromptFileError(f"{path} holds no prompts")
    return entries


def _entries(path: Path, text: str) -> Iterator[Entry]:
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        content = yaml.safe_load(text)
        if not isinstance(content, list):
            raise PromptFileError(f"{path} must hold a list of requests")
        for number, value in enumerate(content, 1):
            yield _entry(f"{path} item {number}", value)
    elif ending == ".csv":
        rows = csv.DictReader(text.splitlines())
        for row in rows:
            place = f"{path} line {rows.line_num}"
            if None in row:
                yield Entry(place, None, "has more fields than the first line names")
            else:
                yield Entry(place, _of_row(row))
    else:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                place = f"{path} line {number}"
                yield Entry(place, {"prompt": line.strip()}) if ending == ".txt" else _of_json(place, line)


def _of_json(place: str, line: str) -> Entry:
    try:
        return _entry(place, json.loads(line))
    except (json.JSONDecodeError, RecursionError) as error:
        return Entry(place, None, f"is no JSON: {error}")


def _entry(place: str, value: Any) -> Entry:
    if isinstance(value, str):
        return Entry(place, {"prompt": value})
    if isinstance(value, dict):
        return Entry(place, value)
    return Entry(place, None, f"must be a request or a prompt, got {type(value).__name__}")


def _of_row(row: dict[str, str | None]) -> dict[str, Any]:
    """A request of named fields; those that a request does not have are conditions, empty ones are left out."""
    document: dict[str, Any] = {}
    for name, text in row.items():
        if text is None or text == "":
            continue
        if name in GenerationRequest.model_fields:
            document[name] = text if name in TEXTS else parsed(text)
        else:
            document.setdefault("conditions", {})[name] = parsed(text)
    return document


def parsed(text: str) -> Any:
    """A number, list or such, where a text is one in JSON; else the text."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def _checked(entry: Entry, folder: Path) -> Entry:
    if entry.document is None:
        return entry
    try:
        load_part(entry.document, GenerationRequest)
    except ConfigError as error:
        return Entry(entry.place, None, "; ".join(" ".join(str(problem).split()) for problem in error.problems))
    files = {name: str(folder / entry.document[name]) for name in FILES if entry.document.get(name)}
    return Entry(entry.place, {**entry.document, **files}, folder=folder)
