"""Checkpoints of BigCodec: `{"CodecEnc": ..., "generator": ...}`, which `narrows.models.interchange.bigcodec` joins.

They fit an `oobleck` encoder and decoder with anti-aliased blocks and an LSTM, and a `dac_rvq` bottleneck. The
projections of its codebook are linear layers; ours are convolutions of one tap.
"""

from __future__ import annotations

import re

from narrows.models.checkpoints.sources.base import Layout, Rename

SIDES = (("CodecEnc.block.", "encoder.layers."), ("generator.model.", "decoder.layers."))
"""Names of the two networks, theirs and ours; inside, their `block` is our `layers`."""
QUANTIZER = ("generator.quantizer.layers.", "bottleneck.quantizer.quantizers.")
"""Names of the stages; inside, their `_codebook` is our `codebook`."""


def _side(theirs: str, ours: str) -> tuple[Rename, ...]:
    start = re.escape(theirs)
    return (
        Rename(start + r"(\d+)\.block\.(\d+)\.block\.", ours + r"\1.layers.\2.layers."),
        Rename(start + r"(\d+)\.block\.", ours + r"\1.layers."),
        Rename(start, ours),
    )


LAYOUTS = (
    Layout(
        "BigCodec",
        renames=(
            *(rename for pair in SIDES for rename in _side(*pair)),
            Rename(re.escape(QUANTIZER[0]) + r"(\d+)\._codebook\.", QUANTIZER[1] + r"\1.codebook."),
            Rename(re.escape(QUANTIZER[0]), QUANTIZER[1]),
        ),
        marker=r"CodecEnc\.block\.",
    ),
)
