"""Folders of the package snac (Siuzdak et al. 2024, arXiv 2410.14411), with any strides.

Codes of several rates need one latent frame for the time of the coarsest, or of a window of attention where that is
longer: `fold` frames, as many as the package pads audio to.
"""

from __future__ import annotations

from math import lcm, prod
from typing import Any

from narrows.models.blocks.snac import WindowAttention, inverse_frequencies
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, stored

KIND = "SNAC"
DEFAULTS: Document = {
    **{"sampling_rate": 44100, "encoder_dim": 64, "encoder_rates": [3, 3, 7, 7], "latent_dim": None},
    **{"decoder_dim": 1536, "decoder_rates": [7, 7, 3, 3], "attn_window_size": 32, "codebook_size": 4096},
    **{"codebook_dim": 8, "vq_strides": [8, 4, 2, 1], "noise": True, "depthwise": True},
}
"""Of its class."""
INVERSE_FREQUENCIES = "rel_pos.inv_freq"
QUANTIZER = "bottleneck.quantizer."


def _document(options: Document, _: Tensors) -> Document:
    options = DEFAULTS | options
    width = options["encoder_dim"] * 2 ** len(options["encoder_rates"])
    if options["latent_dim"] not in (None, width):
        raise CheckpointError(f"latent_dim is {options['latent_dim']}, only {width} is known here for these stages")
    window = options["attn_window_size"]
    fold = _fold(options["vq_strides"], window)
    shared = {"depthwise": options["depthwise"], "attn_window_size": window, "fold": fold}
    encoder = {"d_model": options["encoder_dim"], "strides": options["encoder_rates"], **shared}
    decoder = {"latent_dim": width, "channels": options["decoder_dim"], "rates": options["decoder_rates"], **shared}
    quantizer = {name: options[name] for name in ("codebook_size", "codebook_dim")}
    quantizer |= {"input_dim": width, "strides": options["vq_strides"], "fold": fold}
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sampling_rate"],
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "snac", "config": {"in_channels": 1, **encoder}},
            "decoder": {"type": "snac", "config": {"out_channels": 1, "noise": options["noise"], **decoder}},
            "bottleneck": {"type": "snac_rvq", "config": quantizer},
            "latent_dim": width * fold,
            "downsampling_ratio": prod(options["encoder_rates"]) * fold,
            "io_channels": 1,
        },
    }


def _fold(strides: list[int], window: int | None) -> int:
    """Frames to whose multiples the package fills audio up."""
    return lcm(strides[0], window or 1)


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "snac", "snac", "snac_rvq", KIND)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    strides, window = list(quantizer.strides), encoder.attn_window_size
    demand(
        {
            "/model/encoder/config/in_channels": (1, encoder.in_channels),
            "/model/decoder/config/out_channels": (1, decoder.out_channels),
            "/model/decoder/config/depthwise": (encoder.depthwise, decoder.depthwise),
            "/model/decoder/config/attn_window_size": (window, decoder.attn_window_size),
            "/model/encoder/config/fold": (_fold(strides, window), encoder.fold),
            "/model/decoder/config/fold": (_fold(strides, window), decoder.fold),
            "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
            "/model/bottleneck/config/linear_codebook": (False, quantizer.linear_codebook),
        },
        KIND,
    )
    return {
        "sampling_rate": config.sample_rate,
        "encoder_dim": encoder.d_model,
        "encoder_rates": list(encoder.strides),
        "decoder_dim": decoder.channels,
        "decoder_rates": list(decoder.rates),
        "attn_window_size": window,
        "codebook_size": quantizer.codebook_size,
        "codebook_dim": quantizer.codebook_dim,
        "vq_strides": strides,
        "noise": decoder.noise,
        "depthwise": encoder.depthwise,
    }


def _tensors(model: Any, _: Document) -> Tensors:
    state = stored(model)
    for name, module in model.named_modules():
        if isinstance(module, WindowAttention):
            state[f"{name}.{INVERSE_FREQUENCIES}"] = inverse_frequencies()
    return {name.replace(QUANTIZER, "quantizer.", 1): tensor for name, tensor in state.items()}


FORMAT = FolderFormat(
    library="snac",
    kind=KIND,
    key=("vq_strides", None),
    weights="pytorch_model.bin",
    document=_document,
    config=_config,
    tensors=_tensors,
)
