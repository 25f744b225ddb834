"""A labelled data set that is made by code: short sounds of eight classes, for trying out generative models.

Nothing is downloaded or stored: a seed makes the same files anywhere. The sounds of a class vary in pitch, decay and
length, so that a model has a distribution to learn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.audio.writing import write_audio
from narrows.configs.files import atomic_file
from narrows.data.errors import DataError

Signal = NDArray[np.float64]
Draw = np.random.Generator


class Toy(NamedTuple):
    """A sound before it is a file."""

    audio: Signal
    """`(T,)`."""
    hertz: float
    """Its pitch, or where it starts."""


PROMPTS = {
    "kick": ("a deep kick", "808 boom", "bass drum"),
    "snare": ("a snare hit", "rattling snare drum", "backbeat"),
    "hat": ("closed hi-hat", "a short hat", "bright cymbal tick"),
    "tom": ("a floor tom", "round tom hit", "tom drum"),
    "low_tone": ("a low tone", "steady bass note", "deep hum"),
    "high_tone": ("a high tone", "a whistle", "thin bright beep"),
    "rise": ("a rising sweep", "siren going up", "glide up"),
    "fall": ("a falling sweep", "siren going down", "glide down"),
}
"""What each class is called, in words."""
CLASSES = tuple(PROMPTS)
SHORTEST, LONGEST = 0.5, 2.0
"""Lengths of the sounds in seconds."""
FADE_SECONDS = 0.01


def toy_sound(kind: str, seconds: float, sample_rate: int, draw: Draw) -> Toy:
    """One sound.

    Args:
        kind: one of `CLASSES`.
        seconds: its length.
        sample_rate: in Hz.
        draw: source of its pitch, decay and noise.

    Raises:
        DataError: there is no such class.
    """
    if kind not in SOUNDS:
        raise DataError(f"There is no toy sound {kind!r}; there are {', '.join(CLASSES)}")
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    sound, hertz = SOUNDS[kind](time, draw)
    fade = np.clip((time[-1] - time) / FADE_SECONDS, 0, 1)
    level = draw.uniform(0.4, 0.8)
    return Toy(level * fade * sound / max(1e-9, float(np.abs(sound).max())), hertz)


def write_toy_sounds(
    folder: Path, count: int = 800, seed: int = 0, sample_rate: int = 16_000, classes: Sequence[str] = CLASSES
) -> Path:
    """Write sounds as mono FLAC files, each with its class, a prompt, its pitch and its length in a `.json` beside it.

    Args:
        folder: is made; it may exist if it is empty.
        count: of the files; the classes take turns.
        seed: of everything that is drawn.
        sample_rate: in Hz.
        classes: of which there are sounds.

    Raises:
        DataError: the folder holds something already, or there is no such class.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DataError(f"{folder} is not empty: name a folder that is, or does not exist")
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        draw = np.random.default_rng([seed, index])
        kind = classes[index % len(classes)]
        seconds = round(float(draw.uniform(SHORTEST, LONGEST)), 2)
        toy = toy_sound(kind, seconds, sample_rate, draw)
        name = f"{index:05d}_{kind}"
        write_audio(folder / f"{name}.flac", torch.from_numpy(toy.audio)[None].float(), sample_rate)
        labels = {
            "class": kind,
            "prompt": str(draw.choice(PROMPTS[kind])),
            "hertz": toy.hertz,
            "seconds_total": seconds,
        }
        with atomic_file(folder / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(labels))
    return folder


def _kick(time: Signal, draw: Draw) -> tuple[Signal, float]:
    base = draw.uniform(45, 65)
    sweep = base * time + draw.uniform(6, 12) * (1 - np.exp(-time / 0.03))
    return np.sin(2 * np.pi * sweep) * np.exp(-time / draw.uniform(0.12, 0.25)), base


def _snare(time: Signal, draw: Draw) -> tuple[Signal, float]:
    base = draw.uniform(170, 230)
    body = np.sin(2 * np.pi * base * time) * np.exp(-time / 0.06)
    return body + draw.standard_normal(len(time)) * np.exp(-time / draw.uniform(0.08, 0.18)), base


def _hat(time: Signal, draw: Draw) -> tuple[Signal, float]:
    noise = np.diff(draw.standard_normal(len(time) + 2), 2)  # a high-pass
    return noise * np.exp(-time / draw.uniform(0.02, 0.06)), 6000.0


def _tom(time: Signal, draw: Draw) -> tuple[Signal, float]:
    base = draw.uniform(110, 160)
    sweep = base * time + 2 * (1 - np.exp(-time / 0.05))
    return np.sin(2 * np.pi * sweep) * np.exp(-time / draw.uniform(0.25, 0.45)), base


def _tone(low: float, high: float) -> Callable[[Signal, Draw], tuple[Signal, float]]:
    def tone(time: Signal, draw: Draw) -> tuple[Signal, float]:
        hertz = float(np.exp(draw.uniform(np.log(low), np.log(high))))
        phase = draw.uniform(0, 2 * np.pi)
        partials = [np.sin(2 * np.pi * hertz * n * time + n * phase) / n**2 for n in (1, 2, 3)]
        return np.sum(partials, axis=0) * np.clip(time / FADE_SECONDS, 0, 1), hertz

    return tone


def _sweep(up: bool) -> Callable[[Signal, Draw], tuple[Signal, float]]:
    def sweep(time: Signal, draw: Draw) -> tuple[Signal, float]:
        start, octaves = draw.uniform(300, 500), draw.uniform(1.5, 2.5) * (1 if up else -1)
        start = start if up else start * 4
        hertz = start * 2 ** (octaves * time / time[-1])
        return np.sin(2 * np.pi * np.cumsum(hertz) * (time[1] - time[0])), float(start)

    return sweep


SOUNDS: dict[str, Callable[[Signal, Draw], tuple[Signal, float]]] = {
    "kick": _kick,
    "snare": _snare,
    "hat": _hat,
    "tom": _tom,
    "low_tone": _tone(80, 160),
    "high_tone": _tone(1200, 2400),
    "rise": _sweep(up=True),
    "fall": _sweep(up=False),
}
