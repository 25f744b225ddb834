"""Training checkpoints of this library (`narrows.training.checkpoints.files`)."""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

PROGRAM = "training checkpoint"
DISCRIMINATOR = Drop(r"discriminator\.", "discriminator, only needed to train")

LAYOUTS = (
    Layout(
        PROGRAM,
        renames=(Rename(r"ema\.", ""),),
        drops=(Drop(r"model\.", "raw weights; their moving average is used"), DISCRIMINATOR),
        marker=r"ema\.",
        weights="ema",
    ),
    Layout(
        PROGRAM,
        renames=(Rename(r"model\.", ""),),
        drops=(Drop(r"ema\.", "moving average; the raw weights are used"), DISCRIMINATOR),
        marker=r"model\.",
    ),
)
