"""Discriminators of other programs, alone in a file or inside a training checkpoint.

EnCodec's has its STFT windows as buffers, which follow from the configuration; the modules of descript-audio-codec are
one level deeper here, as in the loss of that package.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

SCALES = r"(?:discriminator\.)?(?:discriminators\.){1,2}(?=\d)"
WINDOW = r"(?:.*\.)?spec_transform\.window$"
REST = "no part of the discriminator"

LAYOUTS = (
    Layout(
        "discriminator of EnCodec",
        renames=(Rename(SCALES, "discriminators.discriminators."),),
        drops=(Drop(WINDOW, "window, which follows from the configuration"), Drop(rf"(?!{SCALES})", REST)),
        marker=WINDOW,
    ),
    Layout(
        "discriminator of descript-audio-codec",
        renames=(Rename(r"discriminators\.", "discriminator.discriminators."),),
        marker=r"discriminators\.",
    ),
    Layout(
        "discriminator of a training checkpoint",
        renames=(Rename(r"discriminator\.", ""),),
        drops=(Drop(r"(?!discriminator\.)", REST),),
        marker=r"discriminator\.",
    ),
)
