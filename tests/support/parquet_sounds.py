"""Parquet files as Hugging Face's `datasets` writes them, without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from support.sounds import wav_bytes

RATE = 8000


def tone(number: int, frames: int = 400) -> np.ndarray:
    """A sound that tells its number: constant at number / 1000."""
    return np.full((frames, 1), number / 1000, np.float32)


def row(number: int, **extra: Any) -> dict[str, Any]:
    sound = {"bytes": wav_bytes(tone(number), RATE), "path": f"sound{number}.wav"}
    return {"audio": sound, "caption": f"sound {number}", "label": number % 3, "number": number, **extra}


def write_parquet(path: Path, rows: list[dict[str, Any]], group: int = 10) -> Path:
    """A file with row groups of `group` rows; the note of `datasets` says that `label` is a class."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    table = pa.Table.from_pylist(rows)
    features = {"label": {"names": ["a", "b", "c"], "_type": "ClassLabel"}, "audio": {"_type": "Audio"}}
    note = {"huggingface": json.dumps({"info": {"features": features}})}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(note), path, row_group_size=group)
    return path


def write_files(folder: Path, files: int = 3, rows: int = 40, group: int = 10) -> Path:
    for number in range(files):
        numbers = range(number * rows, (number + 1) * rows)
        write_parquet(folder / "data" / f"train-{number:05d}-of-{files:05d}.parquet", [row(n) for n in numbers], group)
    return folder
