"""Published weights of EnCodec, and of AudioCraft's compression models (there below `best_state`).

They fit a model of `seanet` encoder and decoder and an `rvq` bottleneck whose width is the encoder's. Codebooks have
no leading axis there and `inited` is spelt so; `narrows.models.checkpoints.codebooks` adds the axis.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Rename

LAYOUTS = (
    Layout(
        "EnCodec",
        renames=(
            Rename(
                r"quantizer\.vq\.layers\.(\d+)\._codebook\.inited$", r"bottleneck.quantizer.layers.\1._codebook.initted"
            ),
            Rename(r"quantizer\.vq\.layers\.(\d+)\._codebook\.", r"bottleneck.quantizer.layers.\1._codebook."),
        ),
        marker=r"quantizer\.vq\.layers\.",
    ),
)
