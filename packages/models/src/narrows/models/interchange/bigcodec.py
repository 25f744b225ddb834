"""Files of BigCodec (Xin et al. 2024, arXiv 2409.05377): `{"CodecEnc": ..., "generator": ...}`.

They describe themselves. Its networks are Oobleck's with an LSTM, anti-aliased throughout; its codebook is one stage of
descript-audio-codec's.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import yaml
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.reading import read_tensors
from narrows.models.checkpoints.sources.bigcodec import QUANTIZER, SIDES
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, normalised

KIND = "BigCodec"
ENCODER, DECODER = "CodecEnc", "generator"
RATE = 16000
WEIGHTS = "bigcodec.pt"
PROJECTIONS = (".in_proj.weight_g", ".in_proj.weight_v", ".out_proj.weight_g", ".out_proj.weight_v")
"""Linear layers there, convolutions of one tap here."""


def is_bigcodec(content: Mapping[str, Any]) -> bool:
    """Whether the content of a file is that of BigCodec."""
    parts = (content.get(ENCODER), content.get(DECODER))
    return all(isinstance(part, Mapping) for part in parts) and "block.0.weight_v" in content[ENCODER]


def read_bigcodec(content: Mapping[str, Any]) -> tuple[Document, dict[str, Tensor]]:
    """The model file and the tensors of a file.

    Args:
        content: one of `is_bigcodec`.

    Raises:
        CheckpointError: its networks are others.
    """
    tensors = _joined(content)
    return _document({}, tensors), tensors


def _joined(content: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of both networks, projections as convolutions."""
    joined = {}
    for part in (ENCODER, DECODER):
        for name, tensor in content[part].items():
            projection = name.startswith("quantizer.") and name.endswith(PROJECTIONS) and tensor.dim() == 2
            joined[f"{part}.{name}"] = tensor[..., None] if projection else tensor
    return joined


def _settings(folder: Path) -> Document:
    """What the YAML of the training says of the model; without one, that the file of weights is there."""
    for path in sorted(folder.glob("*.y*ml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError, yaml.YAMLError):
            continue
        if isinstance(content, dict) and "codec_encoder" in content:
            return content
    return {"codec_encoder": {}} if (folder / WEIGHTS).is_file() else {}


def _content(folder: Path) -> Tensors:
    files = [folder / WEIGHTS] if (folder / WEIGHTS).is_file() else sorted(folder.glob("*.pt"))
    if len(files) != 1:
        raise CheckpointError(f"{folder} holds {len(files)} files of weights (.pt), where one is looked for")
    content = read_tensors(files[0])
    if not is_bigcodec(content):
        raise CheckpointError(f"{files[0]} is no file of {KIND}: it has no {ENCODER} and {DECODER}")
    return _joined(content)


def _document(settings: Document, tensors: Tensors) -> Document:
    try:
        strides, lstm = _strides(tensors), _lstm_layers(tensors)
        width = int(tensors[f"{ENCODER}.block.0.weight_v"].shape[0])
        latent = int(tensors[f"{DECODER}.model.0.weight_v"].shape[1])
        size, searched = tensors[f"{DECODER}.quantizer.layers.0._codebook.weight"].shape
    except (KeyError, ValueError, StopIteration) as error:
        raise CheckpointError(f"This is no file of {KIND}: it has no {error}") from error
    codebooks = len({name.split(".")[3] for name in tensors if name.startswith(f"{DECODER}.quantizer.layers.")})
    side = {
        **{"channels": width, "latent_dim": latent, "strides": strides, "lstm": lstm, "use_snake": True},
        **{"c_mults": [2**stage for stage in range(1, len(strides) + 1)], "exact_length": True},
        **{"antialias_activation": True, "antialias_blocks": True},
    }
    quantizer = {"input_dim": latent, "n_codebooks": codebooks, "codebook_size": size, "codebook_dim": searched}
    return {
        "model_type": "autoencoder",
        "sample_rate": settings.get("sample_rate", RATE),
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "oobleck", "config": {**side, "in_channels": 1}},
            "decoder": {"type": "oobleck", "config": {**side, "out_channels": 1, "final_bias": True}},
            "bottleneck": {"type": "dac_rvq", "config": quantizer},
            "latent_dim": latent,
            "downsampling_ratio": prod(strides),
            "io_channels": 1,
        },
    }


def _strides(tensors: Tensors) -> list[int]:
    """Half the taps of the last convolution of each stage of the encoder."""
    strides, stage = [], 1
    while (name := f"{ENCODER}.block.{stage}.block.4.weight_v") in tensors:
        strides.append(tensors[name].shape[-1] // 2)
        stage += 1
    if not strides:
        raise KeyError(name)
    return strides


def _lstm_layers(tensors: Tensors) -> int:
    """Layers of the encoder's LSTM, in one direction.

    Raises:
        CheckpointError: it has two directions, or the decoder's is another.
    """
    if any("_reverse" in name for name in tensors):
        raise CheckpointError(f"This file of {KIND} has LSTM of two directions, which are not known here")
    count = [
        sum(name.startswith(part) and ".lstm.weight_ih_l" in name for name in tensors) for part in (ENCODER, DECODER)
    ]
    if count[0] != count[1]:
        raise CheckpointError(f"This file of {KIND} has {count[0]} LSTM layers in the encoder and {count[1]} behind it")
    return count[0]


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "oobleck", "oobleck", "dac_rvq", KIND)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    stages = len(encoder.strides)
    wanted: dict[str, tuple[Any, Any]] = {
        "/model/decoder/config/final_bias": (True, decoder.final_bias),
        "/model/decoder/config/final_tanh": (True, decoder.final_tanh),
        "/model/decoder/config/use_nearest_upsample": (False, decoder.use_nearest_upsample),
        "/model/decoder/config/out_channels": (1, decoder.out_channels),
        "/model/encoder/config/in_channels": (1, encoder.in_channels),
        "/model/encoder/config/c_mults": ([2**stage for stage in range(1, stages + 1)], list(encoder.c_mults)),
        "/model/bottleneck/config/quantize_on_decode": (False, quantizer.quantize_on_decode),
        "/model/bottleneck/config/noise_augment_dim": (0, quantizer.noise_augment_dim),
        "/model/bottleneck/config/linear_codebook": (False, quantizer.linear_codebook),
        "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
    }
    for name in ("channels", "strides", "c_mults", "lstm", "latent_dim"):
        wanted[f"/model/decoder/config/{name}"] = (getattr(encoder, name), getattr(decoder, name))
    for side, options in (("encoder", encoder), ("decoder", decoder)):
        for name in ("use_snake", "antialias_activation", "antialias_blocks", "exact_length"):
            wanted[f"/model/{side}/config/{name}"] = (True, getattr(options, name))
        wanted[f"/model/{side}/config/shortcuts"] = (False, options.shortcuts)
    demand(wanted, KIND)
    strides, shared = list(encoder.strides), {"ngf": encoder.channels, "use_rnn": encoder.lstm > 0}
    shared |= {"rnn_bidirectional": False, "rnn_num_layers": encoder.lstm, "dilations": [1, 3, 9]}
    behind = {"vq_num_quantizers": quantizer.n_codebooks, "vq_dim": encoder.latent_dim}
    behind |= {"codebook_size": quantizer.codebook_size, "codebook_dim": quantizer.codebook_dim}
    behind |= {"in_channels": encoder.latent_dim, "upsample_initial_channel": encoder.channels * 2**stages}
    return {
        "sample_rate": config.sample_rate,
        "codec_encoder": {"out_channels": encoder.latent_dim, "up_ratios": strides, **shared},
        "codec_decoder": {"up_ratios": strides[::-1], **behind, **shared},
    }


def _tensors(model: Any, _: Document) -> Tensors:
    named = {}
    for name, tensor in normalised(model).items():
        if name.startswith(QUANTIZER[1]):
            tensor = tensor[..., 0] if name.endswith(PROJECTIONS) else tensor
            named[name.replace(QUANTIZER[1], QUANTIZER[0]).replace(".codebook.", "._codebook.")] = tensor
            continue
        theirs, ours = next(pair for pair in SIDES if name.startswith(pair[1]))
        named[theirs + name.removeprefix(ours).replace(".layers.", ".block.")] = tensor
    return named


def _packed(tensors: Tensors) -> Document:
    """The two networks apart, as their file has them."""
    return {
        part: {n.removeprefix(f"{part}."): t for n, t in tensors.items() if n.startswith(f"{part}.")}
        for part in (ENCODER, DECODER)
    }


FORMAT = FolderFormat(
    library="bigcodec",
    kind=KIND,
    key=("codec_encoder", None),
    weights=WEIGHTS,
    document=_document,
    config=_config,
    tensors=_tensors,
    packed=_packed,
    config_file="bigcodec.yaml",
    settings=_settings,
    content=_content,
)
