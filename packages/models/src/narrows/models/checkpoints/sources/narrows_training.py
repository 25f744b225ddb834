"""Training checkpoints of this library: `narrows.models.checkpoints.training_format`."""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename
from narrows.models.checkpoints.training_format import AVERAGE, DISCRIMINATOR, MODEL

PROGRAM = "training checkpoint"
RAW, AVERAGED = (rf"{name}\." for name in (MODEL, AVERAGE))
ONLY_TRAINING = Drop(rf"{DISCRIMINATOR}\.", "discriminator, only needed to train")

LAYOUTS = (
    Layout(
        PROGRAM,
        renames=(Rename(AVERAGED, ""),),
        # What is not averaged, e.g. a frozen pretransform, stands among the raw weights alone.
        fallbacks=(Rename(RAW, ""),),
        fallback_reason="raw weights; their moving average is used",
        drops=(ONLY_TRAINING,),
        marker=AVERAGED,
        weights="ema",
    ),
    Layout(
        PROGRAM,
        renames=(Rename(RAW, ""),),
        drops=(Drop(AVERAGED, "moving average; the raw weights are used"), ONLY_TRAINING),
        marker=RAW,
    ),
)
