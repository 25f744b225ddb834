"""Checkpoints of WavTokenizer: a SEANet and a codebook of EnCodec, and the decoder of Vocos.

They fit a model of a `seanet` encoder, an `rvq` bottleneck of one codebook and a `vocos` decoder. The decoder of
EnCodec in them is never run there.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

INSIDE = r"feature_extractor\.encodec\."
LAYOUTS = (
    Layout(
        "WavTokenizer",
        renames=(
            Rename(INSIDE + r"encoder\.", "encoder."),
            Rename(
                INSIDE + r"quantizer\.vq\.layers\.(\d+)\._codebook\.inited$",
                r"bottleneck.quantizer.layers.\1._codebook.initted",
            ),
            Rename(INSIDE + r"quantizer\.vq\.layers\.", "bottleneck.quantizer.layers."),
            Rename(r"backbone\.", "decoder.backbone."),
            Rename(r"head\.", "decoder.head."),
        ),
        drops=(
            Drop(INSIDE + r"decoder\.", "EnCodec's decoder, which WavTokenizer never runs"),
            Drop(r"head\.istft\.window$", "follows from n_fft"),
            Drop(r"(multiperioddisc|multiresddisc|dac|dacdiscriminator)\.", "discriminators"),
            Drop(r"(melspec_loss|disc_loss|gen_loss|feat_matching_loss)\.", "losses of the training"),
        ),
        marker=r"feature_extractor\.encodec\.",
    ),
)
