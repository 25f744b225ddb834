"""Weights of EnCodec as the library transformers keeps them (`EncodecModel`).

They fit the same models as those of `encodec`. Which layers of the decoder are transposed convolutions depends on how
many stages it has, and on how many residual units each: one layout a pair of numbers.
"""

from __future__ import annotations

from itertools import product

from narrows.models.checkpoints.sources.base import Layout, Rename

STAGES, UNITS = range(1, 9), range(5)
CODEBOOK = r"bottleneck.quantizer.layers.\1._codebook."


def transposed(stages: int, units: int) -> list[int]:
    """Indexes of the transposed convolutions of a decoder: behind a convolution, the LSTM and an activation."""
    return [3 + stage * (2 + units) for stage in range(stages)]


def layout(stages: int, units: int) -> Layout:
    """The layout of decoders of so many stages, of so many residual units each."""
    places = "|".join(map(str, transposed(stages, units)))
    return Layout(
        f"EnCodec of transformers, {stages} stages of {units} residual units",
        renames=(
            Rename(r"(encoder|decoder)\.layers\.(\d+)\.lstm\.", r"\1.model.\2.lstm."),
            Rename(rf"decoder\.layers\.({places})\.conv\.", r"decoder.model.\1.convtr.convtr."),
            Rename(rf"decoder\.layers\.({places})\.norm\.", r"decoder.model.\1.convtr.norm."),
            Rename(r"(encoder|decoder)\.layers\.(\d+)\.(conv|norm)\.", r"\1.model.\2.conv.\3."),
            Rename(
                r"(encoder|decoder)\.layers\.(\d+)\.(block\.\d+|shortcut)\.(conv|norm)\.", r"\1.model.\2.\3.conv.\4."
            ),
            Rename(r"quantizer\.layers\.(\d+)\.codebook\.inited$", CODEBOOK + "initted"),
            Rename(r"quantizer\.layers\.(\d+)\.codebook\.", CODEBOOK),
        ),
        marker=r"quantizer\.layers\.\d+\.codebook\.",
    )


LAYOUTS = tuple(layout(stages, units) for stages, units in product(STAGES, UNITS))
