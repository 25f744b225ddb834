"""Metadata of clips without code: sidecar files, a table, the path, tags."""

from __future__ import annotations

import csv
import json
import logging
import math
import os
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from narrows.audio.files import read_tags
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs import DatasetMetadataOptions, MetadataField
from narrows.data.errors import AudioFileError, DataError, listing, shown, system_reason
from narrows.data.sidecars import tell_unmatched

Values = Mapping[str, Any]
Source = Callable[[str], Values]
"""From the path of a file below its folder to what is known about it."""

log = logging.getLogger("narrows.data")

PATH, FILE_NAME = "path", "file_name"
"""The usual key of a table, and that of the `metadata.csv` and `metadata.jsonl` of Hugging Face's audio folders."""
MAX_SIDECAR = 1 << 24
"""Bytes; a larger sidecar is no metadata."""


class MetadataReader:
    """Metadata of the files of a folder.

    Args:
        options: which sources, and what is made of them.
        root: the folder.
    """

    def __init__(self, options: DatasetMetadataOptions, root: Path, table: Table | None = None) -> None:
        self._convert = Converter(options.fields)
        self._options, self._root = options, root
        self._sources: list[Source] = []
        if options.sidecar is not None:
            self._sources.append(Sidecar(root, options.sidecar, options.text_field))
        self._sidecar = options.sidecar
        self._table: Table | None = None
        if options.table is not None:
            self._table = table or Table(root / options.table, options.table_key, root)
            self._sources.append(self._table)
        if options.pattern is not None:
            self._sources.append(Pattern(options.pattern))
        if options.tags:
            self._sources.append(Tags(root))

    def at(self, root: Path) -> MetadataReader:
        """The same for a copy of the folder, or of a part of it, elsewhere; the table is not read again."""
        return self if root == self._root else MetadataReader(self._options, root, self._table)

    def __call__(self, name: str) -> dict[str, Any]:
        """What the sources say about a file, by its path below the folder.

        Raises:
            AudioFileError: a source cannot be read, a value has the wrong type, or a required one is missing.
        """
        values: dict[str, Any] = {}
        for source in reversed(self._sources):
            values.update(source(name))
        return self._convert(os.path.join(self._root, name), values)  # noqa: PTH118  the text is what is needed

    def check(self, names: Sequence[str], every: Sequence[str] | None = None) -> None:
        """Look at every file before the run: whether table and sidecars know it, and whether it has required fields.

        Args:
            names: files of this split.
            every: files of all splits, which a table is for; None for the same.

        Raises:
            DataError: no file has a row in the table, or with the files that lack a required field.
        """
        if self._table is not None:
            self._table.check(names if every is None else every)
        if self._sidecar is not None:
            tell_unmatched(self._root, names if every is None else every, self._sidecar)
        if not any(field.required for field in self._convert.fields):
            return
        with ThreadPoolExecutor(8) as pool:
            missing = {
                name: reason for name, reason in zip(names, pool.map(self._reason, names), strict=True) if reason
            }
        if missing:
            raise DataError(f"{len(missing)} files below {shown(self._root)} lack metadata:\n{listing(missing)}")

    def _reason(self, name: str) -> str:
        try:
            self(name)
        except AudioFileError as error:
            return error.reason
        return ""


def files_of_metadata(options: DatasetMetadataOptions, names: Iterable[str]) -> list[str]:
    """Paths of the files, where there are any, that tell of others: a table, and sidecars."""
    return [*sidecars_of(options, names), *([options.table] if options.table is not None else [])]


def sidecars_of(options: DatasetMetadataOptions, names: Iterable[str]) -> list[str]:
    """Paths of the sidecars, where there are any, of files."""
    return [] if options.sidecar is None else [f"{_stem(name)}.{options.sidecar}" for name in names]


class Converter:
    """Takes the fields that are asked for, under their names and types; without any it takes everything."""

    def __init__(self, fields: Sequence[MetadataField]) -> None:
        self.fields = list(fields)

    def __call__(self, path: str, values: Values) -> dict[str, Any]:
        """The fields of the file `path`.

        Raises:
            AudioFileError: a value has the wrong type, or a required one is missing.
        """
        if not self.fields:
            return dict(values)
        found = ((field, values.get(field.source_name or field.name)) for field in self.fields)
        return {f.name: _typed(path, f, value) for f, value in found if value is not None or f.required}


def _typed(path: str, field: MetadataField, value: Any) -> Any:
    if value is None or value == "":
        raise AudioFileError(path, f"the required metadata field {field.name!r} is missing")
    try:
        return CONVERSIONS[field.type](value)
    except (TypeError, ValueError) as error:
        reason = f"the metadata field {field.name!r} must be of type {field.type}, got {value!r}"
        raise AudioFileError(path, reason) from error


class Sidecar:
    """A .json or .txt file beside each one."""

    def __init__(self, root: Path, extension: str, text_field: str) -> None:
        self._root, self._extension, self._text_field = root, extension, text_field

    def __call__(self, name: str) -> Values:
        """What the sidecar says; nothing where there is none."""
        path = (self._root / name).with_suffix(f".{self._extension}")
        try:
            if path.stat().st_size > MAX_SIDECAR:
                raise AudioFileError(path, "is too large for metadata")
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise AudioFileError(path, f"metadata cannot be read: {error}") from error
        return {self._text_field: text.strip()} if self._extension == "txt" else json_object(path, text)


class Table:
    """One CSV or JSON Lines file with a line for each file."""

    def __init__(self, path: Path, key: str, root: Path) -> None:
        self._path, self._root = path, os.path.abspath(root)  # noqa: PTH100  links stay as they are
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                if path.suffix == ".jsonl":
                    rows = [json_object(path, line) for line in file if line.strip()]
                else:
                    rows = [{k: v for k, v in row.items() if k and v} for row in csv.DictReader(file)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = system_reason(error) if isinstance(error, OSError) else str(error)
            raise DataError(f"The table {shown(path)} cannot be read: {reason}") from error
        if key == PATH and not any(key in row for row in rows) and any(FILE_NAME in row for row in rows):
            key = FILE_NAME
        if rows and not any(key in row for row in rows):
            raise DataError(f"The table {shown(path)} has no column {key!r}; it has: {', '.join(rows[0])}")
        self._rows: dict[str, Values] = {}
        self._stems: dict[str, str] = {}
        """Keys by what they are without their ending, for tables of files in another format."""
        for row in rows:
            named = self._normal(str(row.get(key, "")))
            self._rows[named] = {k: v for k, v in row.items() if k != key}
            if named.rpartition(".")[2].lower() in AUDIO_ENDINGS:
                self._stems.setdefault(_stem(named), named)

    def __call__(self, name: str) -> Values:
        """What the table says, by path or by name, with or without ending."""
        found = self._key(name)
        return {} if found is None else self._rows[found]

    def check(self, names: Sequence[str], every: Sequence[str] | None = None) -> None:
        """Say how many files have a row, and how many rows no file.

        Raises:
            DataError: none has.
        """
        used = {name: self._key(name) for name in names}
        matched = {key for key in used.values() if key is not None}
        idle = [key for key in self._rows if key not in matched]
        if names and self._rows and not matched:
            raise DataError(
                f"The table {shown(self._path)} has no row for any of the {len(names)} files: its first row is for "
                f"{shown(next(iter(self._rows)))}, the first file is {shown(names[0])}. Write paths relative to "
                f"{shown(self._root)}, or file names"
            )
        with_row = sum(key is not None for key in used.values())
        if with_row < len(names) or idle:
            example = f", the first {shown(idle[0])}" if idle else ""
            text = "%s: %d of %d files have a row; %d of %d rows match no file%s"
            log.warning(text, shown(self._path), with_row, len(names), len(idle), len(self._rows), example)

    def _key(self, name: str) -> str | None:
        """The key of a file's row."""
        name = unicodedata.normalize("NFC", name)
        stem = _stem(name)
        keys = (name, stem, name.rpartition("/")[2], stem.rpartition("/")[2])
        found = next((key for key in keys if key in self._rows), None)
        return found if found is not None else next((self._stems[k] for k in keys[1::2] if k in self._stems), None)

    def _normal(self, key: str) -> str:
        """A key as paths below the folder are written: relative, with `/`, accents composed."""
        key = unicodedata.normalize("NFC", key.strip())
        if "/" not in key or os.sep != "/":
            key = key.replace("\\", "/")
        for start in (f"{self._root}/", f"{os.path.basename(self._root)}/"):  # noqa: PTH119  text, not a path
            key = key.removeprefix(start.replace(os.sep, "/"))
        return posixpath.normpath(key) if key else key


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122  names, not paths


class Pattern:
    """Named groups of a regular expression that the path matches."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def __call__(self, name: str) -> Values:
        """What the groups match; nothing where the path does not fit."""
        match = self._pattern.fullmatch(name)
        return {k: v for k, v in match.groupdict().items() if v is not None} if match else {}


class Tags:
    """Tags inside the file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, name: str) -> Values:
        """What the tags say."""
        return read_tags(self._root / name)


def json_object(path: Path, text: str) -> dict[str, Any]:
    """A JSON object, or the error that names the file."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AudioFileError(path, f"is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise AudioFileError(path, f"is no JSON object but {type(value).__name__}")
    return value


def _boolean(value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return words[str(value).strip().lower()] if str(value).strip().lower() in words else _refuse(value)


def _integer(value: Any) -> int:
    return int(value) if not isinstance(value, float) or value.is_integer() else _refuse(value)


def _refuse(value: Any) -> Any:
    raise ValueError(value)


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": str,
    "integer": _integer,
    "number": float,
    "boolean": _boolean,
    "any": lambda value: value,
}


def told_length(known: Mapping[str, Any]) -> dict[str, float]:
    """`seconds_total` where the metadata of a file tell it; nothing otherwise.

    What follows from the audio is in whole seconds, rounded up, as in stable-audio-tools, by which all short sounds are
    as long as each other. As there, what else is known of a file goes before it.
    """
    told = known.get("seconds_total")
    try:
        seconds = 0.0 if isinstance(told, bool) else float(told)  # type: ignore[arg-type]  # tables and tags hold text
    except (TypeError, ValueError):
        return {}
    return {"seconds_total": seconds} if 0 < seconds < math.inf else {}
