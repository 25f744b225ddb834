"""Weights of `LongCatAudioDiTVae` of diffusers: names of stable-audio-tools, with shortcuts that have no tensors."""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Rename

LAYOUTS = (
    Layout(
        "LongCatAudioDiTVae of diffusers",
        renames=(
            Rename(r"encoder\.layers\.([1-9]\d*)\.(weight|bias)", r"encoder.layers.\1.layers.\2"),
            Rename(r"decoder\.layers\.0\.(weight|bias)", r"decoder.layers.0.layers.\1"),
        ),
        marker=r"encoder\.layers\.[1-9]\d*\.weight",
    ),
)
