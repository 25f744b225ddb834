"""A demo: sounds of a trainer, before they are written to files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Demo:
    """One clip of a demo."""

    name: str
    """Beginning of its files' names."""
    audio: Mapping[str, Tensor]
    """Sounds `(C, T)` by name, e.g. `original`; each becomes a WAV file and a spectrogram."""
    latents: Tensor | None = None
    """Latents `(D, L)`, drawn beside the sounds."""
    frame_seconds: float = 1.0
    """Length of a latent frame in seconds."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """How it was made, e.g. prompt, guidance scale and seed: written as JSON beside the sounds, where there is any."""


def reconstruction_demos(info: Mapping[str, Any], frame_seconds: float) -> Iterator[Demo]:
    """Each clip of a batch with its reconstruction, their difference and its latents.

    Args:
        info: `reals` and `decoded` `(B, C, T)`, `latents` `(B, D, L)`.
        frame_seconds: length of a latent frame.
    """
    for index, (original, reconstruction) in enumerate(zip(info["reals"], info["decoded"], strict=True)):
        audio = {"original": original, "reconstruction": reconstruction}
        if original.shape == reconstruction.shape:
            audio["difference"] = reconstruction - original
        yield Demo(f"{index:02d}", audio, info["latents"][index], frame_seconds)
