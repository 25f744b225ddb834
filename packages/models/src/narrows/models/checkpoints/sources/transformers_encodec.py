"""Weights of EnCodec as the library transformers keeps them (`EncodecModel`).

They fit the same models as those of `encodec`. Transposed convolutions are at every third index of the decoder
there, as in all published models, which have one residual unit a stage.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Rename

CODEBOOK = r"bottleneck.quantizer.layers.\1._codebook."

LAYOUTS = (
    Layout(
        "EnCodec of transformers",
        renames=(
            Rename(r"(encoder|decoder)\.layers\.(\d+)\.lstm\.", r"\1.model.\2.lstm."),
            Rename(r"decoder\.layers\.(3|6|9|12)\.conv\.", r"decoder.model.\1.convtr.convtr."),
            Rename(r"decoder\.layers\.(3|6|9|12)\.norm\.", r"decoder.model.\1.convtr.norm."),
            Rename(r"(encoder|decoder)\.layers\.(\d+)\.(conv|norm)\.", r"\1.model.\2.conv.\3."),
            Rename(
                r"(encoder|decoder)\.layers\.(\d+)\.(block\.\d+|shortcut)\.(conv|norm)\.", r"\1.model.\2.\3.conv.\4."
            ),
            Rename(r"quantizer\.layers\.(\d+)\.codebook\.inited$", CODEBOOK + "initted"),
            Rename(r"quantizer\.layers\.(\d+)\.codebook\.", CODEBOOK),
        ),
        marker=r"quantizer\.layers\.\d+\.codebook\.",
    ),
)
