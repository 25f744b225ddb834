"""Crops a second on one core: this loader against one that decodes whole files and resamples them with torch.

    python benchmarks/data_loading.py [--seconds 10] [--memory-minutes 1]

Both read the same files in the same run. The other loader does what stable-audio-tools does: decode the whole file,
resample all of it with a windowed sinc (torchaudio's default, here `sinc_resample`), then take 65,536 samples. The
files are 240 s of stereo made of a few chords and noise; the last part reads one hour.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import torch

from narrows.audio.files import audio_info
from narrows.audio.prepare import sinc_resample
from narrows.data import create_dataloader_from_config, read_audio, write_audio

SIZE, RATE, SECONDS = 65536, 44100, 240


def music(seconds: int, seed: int) -> torch.Tensor:
    """Chords that change every two seconds, over a little noise: compresses about as music does."""
    generator = np.random.default_rng(seed)
    time_axis = np.arange(2 * RATE) / RATE
    parts = []
    for _ in range(seconds // 2):
        tones = generator.uniform(80, 2000, (2, 6))
        chord = np.sin(2 * np.pi * tones[:, :, None] * time_axis).mean(1) * np.exp(-time_axis)
        parts.append(0.5 * chord + 0.01 * generator.standard_normal(chord.shape))
    return torch.from_numpy(np.concatenate(parts, 1)).float()


def whole_file(path: Path, rate: int) -> torch.Tensor:
    """A crop as the reference takes it."""
    data, source = soundfile.read(path, dtype="float32", always_2d=True)
    audio = sinc_resample(torch.from_numpy(data.T.copy()), source, rate)
    start = random.randint(0, audio.shape[1] - SIZE)
    return audio[:, start : start + SIZE]


def by_seeking(path: Path, rate: int) -> torch.Tensor:
    """A crop as this package takes it, with a length that the index knows."""
    total = int(SECONDS * rate)
    return read_audio(path, random.randint(0, total - SIZE), SIZE, rate)[0]


def rate_of(crop: Callable[[Path, int], torch.Tensor], paths: list[Path], rate: int, seconds: float) -> float:
    """Crops a second."""
    crop(paths[0], rate)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds or count < 3:
        assert crop(paths[count % len(paths)], rate).shape == (2, SIZE)
        count += 1
    return count / (time.perf_counter() - began)


def bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def memory() -> float:
    """Resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def compare(folder: Path, seconds: float) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for ending in ("flac", "mp3", "ogg", "wav"):
        paths = []
        for seed in range(2):
            paths.append(folder / f"music{seed}.{ending}")
            write_audio(paths[-1], music(SECONDS, seed), RATE)
        for target in (RATE, 48000):
            slow, fast = rate_of(whole_file, paths, target, seconds), rate_of(by_seeking, paths, target, seconds)
            rows.append({"files": ending, "Hz": target, "whole file": slow, "seeking": fast, "ratio": fast / slow})
            print("{files:5} {Hz:6} Hz  {whole file:9.2f} -> {seeking:9.1f} crops/s  {ratio:7.1f} x".format(**rows[-1]))
    return rows


def one_hour(folder: Path) -> dict[str, float]:
    """A crop of 1.5 s out of an hour of FLAC: milliseconds, and bytes read from the disk or its cache."""
    path = folder / "hour.flac"
    part = music(SECONDS, 5).T.numpy()
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        for _ in range(3600 // SECONDS):
            file.write(part)
    frames = audio_info(path).frames
    before, began, count = bytes_read(), time.perf_counter(), 20
    for _ in range(count):
        read_audio(path, random.randint(0, frames - 66150), 66150)
    spent, read = (time.perf_counter() - began) / count, (bytes_read() - before) / count
    print(f"1.5 s out of 60 min of FLAC: {1000 * spent:.1f} ms, {read / 2**20:.2f} MiB read")
    return {"milliseconds": 1000 * spent, "mebibytes": read / 2**20}


def memory_over_time(folder: Path, minutes: float) -> dict[str, float]:
    """Resident memory while a loader reads for so long."""
    config = {"dataset_type": "audio_dir", "path": str(folder), "cache_index": False, "samples_per_epoch": 200}
    loader = create_dataloader_from_config(config, 4, SIZE, 48000, 2, 0)
    began, batches, first, last = time.perf_counter(), 0, 0.0, 0.0
    while time.perf_counter() - began < 60 * minutes:
        for _ in loader:
            batches += 1
        last = memory()
        first = first or last
    print(f"{4 * batches} crops in {minutes:g} min: {first:.0f} MiB after the first epoch, {last:.0f} MiB at the end")
    return {"crops": 4 * batches, "first": first, "last": last}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10, help="time for each measurement")
    parser.add_argument("--memory-minutes", type=float, default=1, help="how long to read while memory is watched")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    random.seed(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        figures = {
            "crops": compare(folder, arguments.seconds),
            "memory": memory_over_time(folder, arguments.memory_minutes),
            "hour": one_hour(folder),
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
