"""Sounds that are judged: originals of known class, length and pitch, made by code and kept in memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from narrows.data.toy_sounds import CLASSES, toy_sound

sys.path.insert(0, str(Path(__file__).parents[1]))
from learn_tokens import struck

RATE = 16_000
WINDOW = 32_768
"""Samples of the model's window: all sounds are judged with silence up to it."""
NEW = "bell"
"""A class that the base model is not shown, for the adapter."""
PROMPT = "prompt"
"""Condition of the class."""
KINDS = (*CLASSES, NEW)
LENGTHS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
"""Seconds: few, so that sounds of equal length are made together."""
TONES = ("low_tone", "high_tone")
"""Classes with a pitch that stays."""


@dataclass(frozen=True)
class Example:
    """A sound with what is known of it."""

    kind: str
    seconds: float
    hertz: float
    audio: Tensor
    """`(T,)`."""

    @property
    def conditions(self) -> dict[str, object]:
        """What a model is asked for."""
        return {PROMPT: self.kind, "seconds_total": self.seconds, "pitch": semitones(self.hertz)}


def semitones(hertz: float) -> float:
    """The note number of MIDI, with a fraction."""
    return float(69 + 12 * np.log2(hertz / 440))


def bell(seconds: float, draw: np.random.Generator) -> tuple[np.ndarray, float]:
    """A sound of the new class `(T,)`, and its pitch in Hz."""
    hertz = float(np.exp(draw.uniform(np.log(300), np.log(900))))
    time = np.arange(round(seconds * RATE)) / RATE
    fade = np.clip((time[-1] - time) / 0.01, 0, 1)
    sound = struck(hertz, time) * fade
    return draw.uniform(0.4, 0.8) * sound / np.abs(sound).max(), hertz


@cache
def examples(count: int, seed: int, kinds: Sequence[str] = CLASSES) -> tuple[Example, ...]:
    """Originals; the classes take turns.

    Args:
        count: how many.
        seed: others than those of the training data, whose seed is 0.
        kinds: of `KINDS`.
    """
    found = []
    for index in range(count):
        draw = np.random.default_rng([seed, 1_000_003, index])
        kind, seconds = kinds[index % len(kinds)], float(draw.choice(LENGTHS))
        audio, hertz = bell(seconds, draw) if kind == NEW else toy_sound(kind, seconds, RATE, draw)
        found.append(Example(kind, seconds, hertz, torch.from_numpy(audio).float()))
    return tuple(found)


def windows(sounds: Sequence[Tensor]) -> Tensor:
    """Sounds `(T,)` with silence behind, or cut, as `(N, WINDOW)`."""
    return torch.stack([torch.nn.functional.pad(sound[:WINDOW], (0, max(0, WINDOW - len(sound)))) for sound in sounds])


def labels(wanted: Sequence[Example]) -> Tensor:
    """Classes as numbers, `(N,)`."""
    return torch.tensor([KINDS.index(example.kind) for example in wanted])
