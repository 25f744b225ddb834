"""Weights of SNAC: they fit a model of `snac` encoder and decoder and a `snac_rvq` bottleneck."""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

LAYOUTS = (
    Layout(
        "SNAC",
        renames=(Rename(r"quantizer\.quantizers\.", "bottleneck.quantizer.quantizers."),),
        drops=(Drop(r".*\.rel_pos\.inv_freq$", "follows from the width of a head"),),
        marker=r"quantizer\.quantizers\.\d+\.",
    ),
)
