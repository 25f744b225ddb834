"""Layouts of checkpoint files: one table of names a file, for each program that writes them.

`choose` finds the layout of a file; nothing else knows the programs' names.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from narrows.models.checkpoints.sources import (
    bare,
    bigcodec,
    dac,
    diffusers_oobleck,
    discriminators,
    encodec,
    eulero,
    inner_autoencoder,
    longcat,
    musicgen,
    narrows_training,
    snac,
    stable_audio_tools,
    transformers_dac,
    transformers_encodec,
    wavtokenizer,
)
from narrows.models.checkpoints.sources.base import Layout, Reading, Weights

__all__ = ["LAYOUTS", "Layout", "Reading", "Weights", "choose"]

# Of layouts that name as many of the model's tensors and leave over as few others, the first.
LAYOUTS: tuple[Layout, ...] = (
    *narrows_training.LAYOUTS,
    *stable_audio_tools.LAYOUTS,
    *dac.LAYOUTS,
    *snac.LAYOUTS,
    *encodec.LAYOUTS,
    *eulero.LAYOUTS,
    *inner_autoencoder.LAYOUTS,
    *transformers_dac.LAYOUTS,
    *transformers_encodec.LAYOUTS,
    *diffusers_oobleck.LAYOUTS,
    *musicgen.LAYOUTS,
    *discriminators.LAYOUTS,
    *wavtokenizer.LAYOUTS,
    *bigcodec.LAYOUTS,
    *bare.LAYOUTS,
    *longcat.LAYOUTS,
)


def choose(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], prefer: Weights) -> Reading:
    """Read a file's tensors in the layout that names most of the model's.

    A program's files may hold raw weights and their moving average: which of the two is read depends on `prefer`
    and on what the file has, never on how many names fit; a damaged average is an error and not a reason to take
    the raw weights silently.

    Args:
        state: tensors of the file by name.
        expected: the model's tensors, as files spell them.
        prefer: `ema` or `raw`, where there are both.
    """
    readings = [layout.read(state) for layout in LAYOUTS if layout.applies(state)]

    def fit(reading: Reading) -> tuple[int, int]:
        names, wanted = reading.tensors.keys(), expected.keys()
        return len(names & wanted), -len(names - wanted)

    program = max(readings, key=fit).layout.program
    of_program = [reading for reading in readings if reading.layout.program == program]
    preferred = [reading for reading in of_program if reading.layout.weights == prefer]
    return (preferred or of_program)[0]
