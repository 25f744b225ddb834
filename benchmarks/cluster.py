"""Two Ray workers with one thread each against one local process with two threads, on this machine.

    python benchmarks/cluster.py

Both encode the same noise with Stable Audio 2's autoencoder at a fraction of its width. Start-up is left out: the clock
runs from the moment that as many shards are there as workers, to the last one. The local engine goes before and after
the cluster, so that other work on the machine meets both; its load is printed beside each.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import tempfile
import time
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, NamedTuple

import soundfile
import torch
from pre_encode import RATE, model_of

from narrows.data import read_audio
from narrows.models import save_model
from narrows.pipelines.pre_encode import pre_encode

CORES = 2


class Measured(NamedTuple):
    """A run."""

    seconds_per_shard: float
    load: float
    """Of the machine when it began, a mean of the last minute."""
    said: str


def measured(folder: Path, output: str, **options: Any) -> Measured:
    """Pre-encode, without start-up."""
    experiment = {
        "experiment": "pre_encode",
        "ckpt_path": str(folder / "model"),
        "dataset_config": {"dataset_type": "audio_dir", "path": str(folder / "audio")},
        "output_path": str(folder / output),
        "accelerator": "cpu",
        "num_workers": 1,
        "shard_size": 2,
        **options,
    }
    load = os.getloadavg()[0]
    with redirect_stderr(io.StringIO()) as said:
        pre_encode(experiment)
    ends = sorted(path.stat().st_mtime_ns / 1e9 for path in (folder / output).glob("*.index.json"))
    return Measured((ends[-1] - ends[CORES - 1]) / (len(ends) - CORES), load, said.getvalue())


def reading_seconds(folder: Path) -> float:
    """Seconds to decode everything."""
    began = time.perf_counter()
    for path in sorted((folder / "audio").iterdir()):
        read_audio(path, sample_rate=RATE, channels=2)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=6.0, help="of a clip")
    parser.add_argument(
        "--width", type=int, default=16, help="channels of the model's first layer; 128 is the whole one"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(model_of(arguments.width), folder / "model")
        (folder / "audio").mkdir()
        generator = torch.Generator().manual_seed(0)
        for number in range(arguments.clips):
            noise = 0.1 * torch.randn(round(RATE * arguments.seconds), 2, generator=generator)
            soundfile.write(folder / "audio" / f"{number:03d}.wav", noise.numpy(), RATE)
        local = {"threads": CORES}
        runs = {
            "local, 2 threads": measured(folder, "before", **local),
            "ray, 2 workers of 1 thread": measured(folder, "ray", engine="ray", workers=CORES, threads=1),
            "local, 2 threads, again": measured(folder, "after", **local),
        }
        shards = len(list((folder / "ray").glob("*.index.json")))
        reading = reading_seconds(folder) / shards
    report(runs, 2 * arguments.seconds, reading)


def report(runs: dict[str, Measured], seconds: float, reading: float) -> None:
    """Print the comparison.

    Args:
        runs: by name; the second is the cluster.
        seconds: of sound in a shard.
        reading: seconds to read a shard.
    """
    for name, run in runs.items():
        print(f"{name:28} {seconds / run.seconds_per_shard:7.2f} s of sound a second   load before it {run.load:.1f}")
    before, ray, after = runs.values()
    alone = (before.seconds_per_shard + after.seconds_per_shard) / 2
    print(f"ray / local: {alone / ray.seconds_per_shard:.2f} (mean of both local runs)")
    print(f"reading takes {reading / alone:.1%} of the time of a local shard: bound by encoding")
    print(*re.findall(r"Object store: .*", ray.said), sep="\n")


if __name__ == "__main__":
    main()
