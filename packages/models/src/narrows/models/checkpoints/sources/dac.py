"""Published weights of the Descript Audio Codec: `{"state_dict": ..., "metadata": {"kwargs": ...}}`.

They fit a model of `dac` encoder and decoder and a `dac_rvq` bottleneck. There the whole codec is one module; here
encoder and decoder are inside wrappers that may project to another width, as in stable-audio-tools.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Rename

LAYOUTS = (
    Layout(
        "descript-audio-codec",
        renames=(
            Rename(r"encoder\.block\.", "encoder.encoder.block."),
            Rename(r"quantizer\.quantizers\.", "bottleneck.quantizer.quantizers."),
            Rename(r"decoder\.model\.", "decoder.decoder.model."),
        ),
        marker=r"quantizer\.quantizers\.\d+\.",
        hints={
            "encoder.proj_out.weight": (
                "these weights have no projection behind the encoder: write latent_dim: null in the encoder's config"
            ),
        },
    ),
)
