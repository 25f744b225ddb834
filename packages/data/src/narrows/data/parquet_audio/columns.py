"""Which columns of a Parquet file hold what.

`datasets` keeps a sound as a struct of `bytes` (the content of its file) and `path` (its name), and writes what it
knows about the columns into the schema, e.g. the names of classes.
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from narrows.data.row_groups import parquet

FEATURES = b"huggingface"
"""Key of the schema's metadata under which `datasets` describes the columns."""


@dataclass(frozen=True)
class Columns:
    """Columns of a file.

    Attributes:
        audio: the one that holds sounds.
        nested: whether a sound is a struct of bytes and path; otherwise it is bytes.
        metadata: those to hand on.
        classes: names of classes, by column.
    """

    audio: str
    nested: bool
    metadata: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]

    @property
    def wanted(self) -> list[str]:
        """What is read of a row."""
        return [self.audio, *self.metadata]

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The metadata of a row; a class has its number, and its name as `COLUMN_name`."""
        found = {name: _plain(row[name]) for name in self.metadata if row.get(name) is not None}
        for name, classes in self.classes.items():
            number = found.get(name)
            if isinstance(number, int) and 0 <= number < len(classes):
                found[f"{name}_name"] = classes[number]
        return found


def columns_of(schema: Any, audio: str | None, fields: Collection[str] = ()) -> Columns:
    """What a file's columns are.

    Args:
        schema: of the file, as pyarrow has it.
        audio: name of the column with sounds; None looks for it.
        fields: metadata that are wanted; none takes all.

    Raises:
        ValueError: there is no such column.
    """
    chosen = _audio_column(schema, audio)
    names = [field.name for field in schema if field.name != chosen and not _holds_bytes(field.type)]
    classes = {name: labels for name, labels in _classes(schema).items() if name in names}
    if fields:
        derived = {f"{name}_name": name for name in classes}
        taken = {derived.get(name, name) for name in fields}
        names = [name for name in names if name in taken]
    return Columns(
        chosen, _is_sound(schema.field(chosen).type), tuple(names), {n: classes[n] for n in names if n in classes}
    )


def _audio_column(schema: Any, wanted: str | None) -> str:
    pa, _ = parquet()
    sounds = [field.name for field in schema if _is_sound(field.type)]
    listed = ", ".join(f"{field.name} ({_short(field.type)})" for field in schema) or "none"
    if wanted is None:
        if len(sounds) == 1:
            return str(sounds[0])
        if "audio" not in schema.names:
            said = (
                f"{len(sounds)} columns hold sounds"
                if sounds
                else "no column holds sounds (a struct of bytes and path)"
            )
            raise ValueError(f"{said}: name one as audio_column. Its columns: {listed}")
        wanted = "audio"
    if wanted not in schema.names:
        raise ValueError(f"it has no column {wanted!r}. Its columns: {listed}")
    kind = schema.field(wanted).type
    if not _is_sound(kind) and not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise ValueError(f"its column {wanted!r} is {_short(kind)}, not bytes nor a struct of bytes and path")
    return wanted


def _is_sound(kind: Any) -> bool:
    pa, _ = parquet()
    return pa.types.is_struct(kind) and {"bytes", "path"} <= {kind.field(i).name for i in range(kind.num_fields)}


def _holds_bytes(kind: Any) -> bool:
    """Whether bytes are somewhere in a value: other sounds, pictures."""
    pa, _ = parquet()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return True
    return any(_holds_bytes(kind.field(i).type) for i in range(kind.num_fields))


def _short(kind: Any) -> str:
    text = str(kind)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _classes(schema: Any) -> dict[str, tuple[str, ...]]:
    """Names of classes that `datasets` noted; nothing where its note cannot be read."""
    try:
        described = json.loads((schema.metadata or {})[FEATURES])["info"]["features"]
        features = {name: feature for name, feature in described.items() if isinstance(feature, dict)}
        labels = {
            name: f["names"] for name, f in features.items() if isinstance(f, dict) and f.get("_type") == "ClassLabel"
        }
        return {name: tuple(map(str, names)) for name, names in labels.items()}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, since metadata are written beside latents."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, decimal.Decimal) else value
