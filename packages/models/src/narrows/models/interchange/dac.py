"""`DacModel` of transformers: the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546)."""

from __future__ import annotations

from math import prod
from typing import Any

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.sources.transformers_dac import modules
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, folded, renamed

KIND = "DacModel"
DEFAULTS: Document = {
    "encoder_hidden_size": 64,
    "downsampling_ratios": [2, 4, 8, 8],
    "decoder_hidden_size": 1536,
    "n_codebooks": 9,
    "codebook_size": 1024,
    "codebook_dim": 8,
    "quantizer_dropout": 0.0,
    "sampling_rate": 16000,
}
"""Of `DacConfig`."""


def _document(options: Document, _: Tensors) -> Document:
    options = DEFAULTS | options
    strides = list(options["downsampling_ratios"])
    width = options["encoder_hidden_size"] * 2 ** len(strides)
    if options.get("hidden_size", width) != width:
        raise CheckpointError(f"hidden_size is {options['hidden_size']}, only {width} is known here for these stages")
    quantizer = {
        "input_dim": width,
        **{name: options[name] for name in ("n_codebooks", "codebook_size", "codebook_dim", "quantizer_dropout")},
    }
    decoder = {"latent_dim": width, "channels": options["decoder_hidden_size"], "rates": strides[::-1]}
    encoder = {"d_model": options["encoder_hidden_size"], "strides": strides}
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sampling_rate"],
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "dac", "config": {"in_channels": 1, "latent_dim": None, **encoder}},
            "decoder": {"type": "dac", "config": {"out_channels": 1, **decoder}},
            "bottleneck": {"type": "dac_rvq", "config": quantizer},
            "latent_dim": width,
            "downsampling_ratio": prod(strides),
            "io_channels": 1,
        },
    }


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "dac", "dac", "dac_rvq", KIND)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    odd = any(stride % 2 for stride in encoder.strides)
    demand(
        {
            "/model/encoder/config/in_channels": (1, encoder.in_channels),
            "/model/decoder/config/out_channels": (1, decoder.out_channels),
            "/model/encoder/config/latent_dim": (None, encoder.latent_dim),
            "/model/decoder/config/rates": (list(encoder.strides)[::-1], list(decoder.rates)),
            "/model/encoder/config/exact_length": (False, encoder.exact_length and odd),
            "/model/decoder/config/exact_length": (False, decoder.exact_length and odd),
            "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
            "/model/bottleneck/config/quantize_on_decode": (False, quantizer.quantize_on_decode),
            "/model/bottleneck/config/noise_augment_dim": (0, quantizer.noise_augment_dim),
            "/model/bottleneck/config/linear_codebook": (False, quantizer.linear_codebook),
        },
        KIND,
    )
    if not isinstance(quantizer.codebook_dim, int):
        demand({"/model/bottleneck/config/codebook_dim": ("one number", quantizer.codebook_dim)}, KIND)
    strides = list(encoder.strides)
    return {
        "architectures": [KIND],
        "model_type": "dac",
        "codebook_dim": quantizer.codebook_dim,
        "codebook_size": quantizer.codebook_size,
        "decoder_hidden_size": decoder.channels,
        "downsampling_ratios": strides,
        "dtype": "float32",
        "encoder_hidden_size": encoder.d_model,
        "hidden_size": encoder.d_model * 2 ** len(strides),
        "hop_length": prod(strides),
        "n_codebooks": quantizer.n_codebooks,
        "quantizer_dropout": quantizer.quantizer_dropout,
        "sampling_rate": config.sample_rate,
        "upsampling_ratios": strides[::-1],
    }


def _tensors(model: Any, options: Document) -> Tensors:
    return renamed(folded(model), modules(len(options["downsampling_ratios"]), options["n_codebooks"]))


def _extractor(options: Document) -> Document:
    return {
        "feature_extractor_type": "DacFeatureExtractor",
        "feature_size": 1,
        "hop_length": options["hop_length"],
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": True,
        "sampling_rate": options["sampling_rate"],
    }


FORMAT = FolderFormat(
    library="transformers",
    kind=KIND,
    key=("model_type", "dac"),
    weights="model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
    more={"preprocessor_config.json": _extractor},
)
