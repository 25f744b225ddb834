"""What the checks for numbers that are not finite cost, as a share of the work that they guard.

    python benchmarks/finite_checks.py --seconds 30 --channels 8 46 140 --runs 15

A line for each border. Of the borders of audio, check and work take turns in one process, and the least time of each
counts. `load_model` is timed whole, with its check between two loads without: there the check runs beside the building
of the model, and its cost is a difference. Times are of one thread of torch; `processor` is what both threads of a load
use, `wall` what the caller waits, which means something on a machine with a processor to spare only. The last line of a
model is the share of the shortest command that needs its weights.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from safetensors.torch import load_file

from narrows.audio.files import check_samples
from narrows.audio.writing import finite, write_audio
from narrows.models import create_model_from_config, load_model, save_model, saving
from narrows.models.checkpoints import load
from narrows.pipelines.codec_files import decode_file, encode_file

RATE = 44100
CLOCKS = {"processor": time.process_time, "wall": time.perf_counter}


def autoencoder(channels: int) -> Any:
    """Stable Audio 2's autoencoder at a width."""
    shape = {"channels": channels, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
    return create_model_from_config(
        {
            "model_type": "autoencoder",
            "sample_rate": RATE,
            "model": {
                "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 128, **shape}},
                "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 64, **shape}},
                "bottleneck": {"type": "vae"},
                "latent_dim": 64,
                "downsampling_ratio": 2048,
                "io_channels": 2,
            },
        }
    )


def seconds(work: Callable[[], object]) -> dict[str, float]:
    """By clock; processor time changes less with other work on the machine."""
    began = {name: clock() for name, clock in CLOCKS.items()}
    work()
    return {name: clock() - began[name] for name, clock in CLOCKS.items()}


@contextmanager
def unchecked() -> Iterator[None]:
    """Weights are not looked at, and no thread is made for it."""
    with (
        patch.object(saving, "scanning", lambda _: nullcontext()),
        patch.object(load, "not_finite", lambda _: set()),
    ):
        yield


def bare(folder: Path) -> dict[str, float]:
    """The seconds of a load without its check."""
    with unchecked():
        return seconds(lambda: load_model(folder))


def loading(folder: Path, runs: int) -> Iterator[dict[str, Any]]:
    """What the look at the weights adds to loading a model, by clock.

    A round loads without the look, with it, and without again. Its share is what the middle one takes more than the
    mean of the other two, so that a machine that slows down or speeds up adds nothing; what those two differ by is
    what this measurement cannot tell from nothing.
    """
    load_model(folder)
    rounds = [(bare(folder), seconds(lambda: load_model(folder)), bare(folder)) for _ in range(runs)]
    size = (folder / "model.safetensors").stat().st_size
    for clock in CLOCKS:
        times = [[part[clock] for part in each] for each in rounds]
        added = [2 * checked / (before + after) - 1 for before, checked, after in times]
        noise = [abs(after - before) / (before + after) for before, _, after in times]
        least = [min(column) for column in zip(*times, strict=True)]
        yield {
            "border": "load_model: weights",
            "megabytes": round(size / 1e6, 1),
            "clock": clock,
            "seconds": round(median(before for before, _, _ in times), 4),
            "check_share": round(median(added), 4),
            "noise": round(median(noise), 4),
            "share_of_least": round(least[1] / min(least[0], least[2]) - 1, 4),
        }


def command(folder: Path, place: Path, runs: int) -> dict[str, Any]:
    """What the look at the weights takes of the shortest command that needs them, in processor time."""
    write_audio(place / "second.wav", 0.1 * torch.randn(2, RATE), RATE)
    narrows = Path(sys.executable).with_name("narrows")
    words = [narrows, "encode", folder, place / "second.wav", "-o", place / "coded", "--overwrite"]
    weights = load_file(folder / "model.safetensors")
    looks = [seconds(lambda: load.not_finite(weights.values()))["processor"] for _ in range(max(2, runs))]
    whole = []
    for _ in range(runs):
        before = sum(os.times()[2:4])
        subprocess.run(words, check=True, capture_output=True)
        whole.append(sum(os.times()[2:4]) - before)
    size = (folder / "model.safetensors").stat().st_size
    return {
        "border": "narrows encode of one second: weights",
        "megabytes": round(size / 1e6, 1),
        "seconds": round(min(whole), 2),
        "check_share": round(min(looks) / min(whole), 5),
    }


def coding(place: Path, channels: int, length: int, runs: int) -> Iterator[dict[str, Any]]:
    """What the looks at samples and latents take of coding a file, in processor time."""
    model = autoencoder(channels)
    audio = 0.1 * torch.randn(2, length * RATE)
    write_audio(place / "a.wav", audio, RATE)
    samples = np.ascontiguousarray(audio.T.numpy())
    latents = torch.randn(audio.shape[-1] // 2048, 64)
    borders: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "encode_file: samples and latents": (
            lambda: encode_file(model, place / "a.wav", place / "a.narrows"),
            lambda: (check_samples("a", samples), latents.isfinite().flatten(1).all(dim=1)),
        ),
        "decode_file: samples": (
            lambda: decode_file(model, place / "a.narrows", place / "b.wav"),
            lambda: finite("a", samples),
        ),
    }
    for border, pair in borders.items():
        times = [[seconds(part)["processor"] for part in pair] for _ in range(runs)]
        whole, checking = (min(column) for column in zip(*times, strict=True))
        yield {"border": border, "seconds": round(whole, 3), "check_share": round(checking / whole, 5)}


def main() -> None:
    """Print a line a border."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30, help="length of the clip")
    parser.add_argument(
        "--channels", type=int, nargs="+", default=[32], help="of the first layer; 128 in Stable Audio 2"
    )
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for channels in arguments.channels:
            folder = save_model(autoencoder(channels), place / str(channels))
            for line in (*loading(folder, arguments.runs), command(folder, place, max(1, arguments.runs // 4))):
                print(json.dumps(line), flush=True)
        for line in coding(place, arguments.channels[0], arguments.seconds, arguments.runs):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
