"""The manifest: what all shards together hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from narrows.configs.files import atomic_file, write_once
from narrows.data.errors import DataError, listing
from narrows.data.faults import Fault, Faults
from narrows.pipelines.pre_encode.clips import Shard
from narrows.pipelines.pre_encode.statistics import Statistics

DEAD = 0.01
"""A channel whose standard deviation is below this share of the median channel's carries nothing."""


SATURATED = 0.9
"""A channel whose standard deviation is above this share of half its range sits at the two ends of that range. (A
uniform distribution has 0.58, a normal one much less.)"""


def index_name(shard: Shard) -> str:
    """Name of the index of a shard."""
    return f"{shard.stem}.index.json"


def index_path(folder: Path, shard: Shard) -> Path:
    """The index of a shard; it is written last."""
    return folder / index_name(shard)


def is_done(folder: Path, shard: Shard) -> bool:
    """Whether a shard is whole."""
    return index_path(folder, shard).exists()


def write_manifest(folder: Path, shards: list[Shard]) -> None:
    """Sum up the indexes of all shards; any process may do it, and writes the same."""
    statistics, entries, left_out = Statistics(), [], 0
    bad: list[dict[str, str]] = []
    rejected: list[dict[str, str]] = []
    for shard in shards:
        index = json.loads(index_path(folder, shard).read_text(encoding="utf-8"))
        frames = sum(sample["frames"] for sample in index["samples"])
        entries.append({"shard": shard.stem, "samples": len(index["samples"]), "frames": frames})
        statistics.merge(Statistics.from_json(index["statistics"]))
        bad += index["bad"]
        rejected += index["rejected"]
        left_out += index["left_out"]
    summed = statistics.to_json()
    manifest: dict[str, Any] = {
        "samples": sum(entry["samples"] for entry in entries),
        "frames": sum(entry["frames"] for entry in entries),
        "shards": entries,
        "bad": bad,
        "rejected": rejected,
        "left_out": left_out,
        "statistics": summed | (_conclusions(statistics, summed) if statistics.count else {}),
    }
    path, text = folder / "manifest.json", json.dumps(manifest, indent=1) + "\n"
    write_once(path, text)
    if path.read_text(encoding="utf-8") != text:  # Shards were appended.
        with atomic_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def check_outcome(folder: Path, shards: list[Shard], max_bad_share: float) -> None:
    """Look at all shards of a process together, whichever run wrote them.

    Raises:
        DataError: too many clips could not be read, or none is left.
    """
    indexes = [json.loads(index_path(folder, shard).read_text(encoding="utf-8")) for shard in shards]
    bad = [fault for index in indexes for fault in index["bad"]]
    keys = [sample["key"] for index in indexes for sample in index["samples"]]
    faults = Faults(len(bad) + len(keys), max_bad_share, lambda path, reason: None)
    for fault in bad:
        faults.add(Fault(fault["path"], fault["reason"]))
    for key in keys:
        faults.tried(hash(key))
    faults.check()
    if shards and not keys:
        rejected = {item["path"]: item["reason"] for index in indexes for item in index["rejected"]}
        raise DataError(f"None of the clips is left to encode\n{listing(rejected)}".strip())


def dead_channels(std: list[float]) -> list[int]:
    """Channels that hardly vary: a model that never uses them, or a posterior that has collapsed."""
    median = sorted(std)[len(std) // 2]
    return [channel for channel, value in enumerate(std) if value < DEAD * median]


def saturated_channels(std: list[float], low: list[float], high: list[float]) -> list[int]:
    """Channels that are nearly always at one end of their range or the other: a tanh or a clamp in front of them."""
    ends = enumerate(zip(std, low, high, strict=True))
    return [
        channel for channel, (value, least, most) in ends if most > least and value > SATURATED * (most - least) / 2
    ]


def flagged_channels(statistics: dict[str, Any]) -> dict[str, list[int]]:
    """Channels that a latent model will have trouble with."""
    std, low, high = (statistics[name] for name in ("std", "min", "max"))
    return {"dead_channels": dead_channels(std), "saturated_channels": saturated_channels(std, low, high)}


def _conclusions(statistics: Statistics, summed: dict[str, Any]) -> dict[str, Any]:
    return {"scale": statistics.scale} | flagged_channels(summed)


def read_statistics(folder: Path) -> dict[str, Any]:
    """The statistics in the manifest of a complete folder; without frames where tokens are kept."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["statistics"]
    return found
