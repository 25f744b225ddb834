"""Reading one sound from end to end: length, format, levels, clipping, silence."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.audio.files import check_samples, open_audio, short_end
from narrows.audio.formats.damage import damage
from narrows.audio.formats.decoder import Decoder
from narrows.audio.loudness import MAX_CHANNELS, loudness
from narrows.data.folders.report import FileReport

BLOCK_SECONDS = 10
LOUDNESS_BLOCKS = 60
SILENCE = 1e-3
"""Amplitude of -60 dB."""
FULL_SCALE = 0.9999
WINDOW = 0.05
"""Seconds over which a stretch is called silent or not."""


def inspect_file(path: str | Path, name: str, data: bytes | None = None) -> FileReport:
    """Read a whole file.

    Args:
        path: the file.
        name: what the report calls it.
        data: its content, where it is in memory already; `path` then only names it.

    Raises:
        AudioFileError: it cannot be read.
    """
    with open_audio(path, data) as decoder:
        found = inspect_decoder(decoder, path, name)
    return found if found.note else replace(found, note=damage(path, data) or "")


def inspect_decoder(decoder: Decoder, path: str | Path, name: str) -> FileReport:
    """Read all of an open sound.

    Args:
        decoder: the sound.
        path: names it in errors.
        name: what the report calls it.

    Raises:
        AudioFileError: it cannot be read.
    """
    info = decoder.info
    peak = total = 0.0
    clipped = silent = windows = 0
    digest = hashlib.blake2b(digest_size=16)
    loud: list[float] = []
    digest.update(f"{info.sample_rate} {info.channels}".encode())
    for number, block in enumerate(_blocks(path, decoder)):
        digest.update(block.tobytes())
        peak = max(peak, float(np.abs(block).max()))
        total += float(block.sum(dtype=np.float64))
        clipped += _clipped(block)
        quiet = _quiet(block, max(1, round(WINDOW * info.sample_rate)))
        silent, windows = silent + int(quiet.sum()), windows + len(quiet)
        if number < LOUDNESS_BLOCKS:
            loud.append(loudness(torch.from_numpy(block.T[:MAX_CHANNELS].copy()), info.sample_rate))
    samples = info.frames * info.channels
    return FileReport(
        path=name,
        seconds=info.seconds,
        sample_rate=info.sample_rate,
        channels=info.channels,
        format=info.format,
        peak_db=20 * math.log10(peak) if peak else -math.inf,
        loudness=_mean_level(loud),
        clipped=clipped / samples,
        silent=silent / max(1, windows),
        offset=total / samples,
        digest=digest.hexdigest(),
        note=decoder.remark or "",
    )


def _blocks(path: str | Path, decoder: Decoder) -> Iterator[NDArray[np.float32]]:
    size = BLOCK_SECONDS * decoder.info.sample_rate
    for start in range(0, decoder.info.frames, size):
        wanted = min(size, decoder.info.frames - start)
        block = decoder.read(start, wanted)
        if len(block) < wanted:
            block = short_end(decoder, path, start, block)
        check_samples(path, block)
        yield block
        if len(block) < wanted:
            return


def _clipped(block: NDArray[np.float32]) -> int:
    """Samples at full scale in runs of three or more; a single peak is no clipping."""
    full = np.abs(block) >= FULL_SCALE
    inner = full[:-2] & full[1:-1] & full[2:]
    runs = np.zeros_like(full)
    for shift in range(3):
        runs[shift : len(runs) - 2 + shift] |= inner
    return int(runs.sum()) if len(block) > 2 else 0


def _quiet(block: NDArray[np.float32], window: int) -> NDArray[np.bool_]:
    levels = np.abs(block).max(1)
    starts = np.arange(0, len(levels), window)
    quiet: NDArray[np.bool_] = np.maximum.reduceat(levels, starts) < SILENCE
    return quiet


def _mean_level(levels: Sequence[float]) -> float:
    """Mean of the loudness of blocks, by energy, without silent ones."""
    powers = [10 ** (level / 10) for level in levels if level > -70]
    return 10 * math.log10(sum(powers) / len(powers)) if powers else -math.inf
