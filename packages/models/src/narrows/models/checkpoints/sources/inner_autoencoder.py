"""The autoencoder inside a file of a whole generative model: `pretransform.model.*`, as in stable-audio-open.

The rest of the file is left out. The wrappers of stable-audio-tools and of this library put a name in front; of a
trained pretransform there may be a moving average.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename
from narrows.models.checkpoints.training_format import AVERAGE

PROGRAM = "autoencoder of a whole model"
INSIDE = r"pretransform\.model\."
RAW = rf"(?:(?:diffusion|model)\.)?{INSIDE}"
AVERAGED = rf"{AVERAGE}\.{INSIDE}"
REST = "part of the model around the autoencoder"

LAYOUTS = (
    Layout(
        PROGRAM,
        renames=(Rename(AVERAGED, ""),),
        drops=(Drop(RAW, "raw weights; their moving average is used"), Drop(rf"(?!{AVERAGED})", REST)),
        marker=AVERAGED,
        weights="ema",
    ),
    Layout(PROGRAM, renames=(Rename(RAW, ""),), drops=(Drop(rf"(?!{RAW})", REST),), marker=RAW),
)
