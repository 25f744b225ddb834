"""What is measured of sounds that were asked for: class, pitch, length, and how near they are to originals as a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from listener import Listener, listener
from safetensors.torch import load_file, save_file
from torch import Tensor

from narrows.configs.files import atomic_file
from narrows.data.toy_sounds import CLASSES
from narrows.pipelines.metrics.distributions import embed, frechet_distance
from toy_sounds.examples import KINDS, NEW, RATE, TONES, Example, examples, labels, windows

NOISE = (1e-4, 3e-2)
"""Levels that the classifier learns to hear through."""
COLOUR = 1.0
"""How much their spectra are changed, in nepers, so that it judges a kick in the hiss of a model as a kick."""
SIZE = 1 << 17
"""Of the transform that finds a pitch: bins of 0.12 Hz."""
SILENT = 1e-2
"""Share of the peak below which a sound is over (-40 dB)."""
SUSTAINED = (*TONES, "rise", "fall")
"""Classes that sound up to their end."""


@dataclass(frozen=True)
class Judge:
    """A classifier that was trained on originals, of other seeds than those it judges."""

    listener: Listener

    @classmethod
    def trained(cls, each: int) -> Judge:
        """Train one on so many originals of each class."""
        wanted = examples(each * len(KINDS), 11, KINDS)
        sounds = windows([one.audio for one in wanted])
        return cls(listener(sounds, labels(wanted), len(KINDS), RATE, noise=NOISE, colour=COLOUR))

    @classmethod
    def of_file(cls, file: Path, each: int) -> Judge:
        """That of a file, which is written if it is not there."""
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(file) as temporary:
                save_file(cls.trained(each).listener.state_dict(), temporary)
        found = Listener(len(KINDS), RATE)
        found.load_state_dict(load_file(file))
        return cls(found.eval())

    def right(self, sounds: Sequence[Tensor], wanted: Sequence[Example]) -> Tensor:
        """Whether each sound `(T,)` is heard as what was asked for, `(N,)`."""
        kinds = KINDS if any(one.kind == NEW for one in wanted) else CLASSES
        with torch.inference_mode():
            logits = torch.cat([self.listener(part) for part in windows(sounds).split(64)])
        # The new class is a choice only where it is asked for: elsewhere all that is inharmonic would be heard as it.
        return logits[:, : len(kinds)].argmax(-1) == labels(wanted)


def figures(
    judge: Judge, sounds: Sequence[Tensor], wanted: Sequence[Example], originals: Sequence[Example] | None = None
) -> dict[str, float]:
    """All figures of sounds `(T,)`, one for each example.

    Args:
        judge: of classes.
        sounds: may be longer than asked.
        wanted: what was asked for.
        originals: what the sounds are compared with as a set; None for those of `wanted`.
    """
    right = judge.right(sounds, wanted)
    found = {"accuracy": float(right.float().mean()), "frechet": frechet(sounds, originals or wanted)}
    pitches = [
        abs(pitch(sound) / one.hertz - 1) for sound, one in zip(sounds, wanted, strict=True) if one.kind in TONES
    ]
    if pitches:
        found["pitch_error"] = _median(pitches)
    found["inside"] = float(torch.tensor([_inside(*pair) for pair in zip(sounds, wanted, strict=True)]).mean())
    ends = [abs(_end(sound) - one.seconds) for sound, one in zip(sounds, wanted, strict=True) if one.kind in SUSTAINED]
    if ends:
        found["end_error"] = _median(ends)
    for kind in sorted({one.kind for one in wanted}):
        own = torch.tensor([one.kind == kind for one in wanted])
        found[f"accuracy/{kind}"] = float(right[own].float().mean())
    return found


def frechet(sounds: Sequence[Tensor], originals: Sequence[Example]) -> float:
    """Fréchet distance of log-mel statistics from the originals."""
    sets = [embed([clip[None] for clip in clips], RATE) for clips in ([one.audio for one in originals], sounds)]
    return frechet_distance(*sets)


def pitch(sound: Tensor) -> float:
    """The frequency of the strongest partial in Hz."""
    if not bool(sound.abs().max() > 0):
        return 0.0
    spectrum = torch.fft.rfft(sound.double() * torch.hann_window(len(sound), dtype=torch.float64), SIZE).abs()
    return int(spectrum.argmax()) * RATE / SIZE


def _inside(sound: Tensor, wanted: Example) -> float:
    """Share of the energy within the length that was asked for; of silence, nothing is."""
    whole = float(sound.double().square().sum())
    return float(sound[: round(wanted.seconds * RATE)].double().square().sum()) / whole if whole > 0 else 0.0


def _end(sound: Tensor) -> float:
    """The second at which a sound is over."""
    loud = sound.abs() > SILENT * sound.abs().max()
    return (int(loud.nonzero().max()) + 1) / RATE if bool(loud.any()) else 0.0


def _median(values: Sequence[float]) -> float:
    return float(torch.tensor(values).median())
