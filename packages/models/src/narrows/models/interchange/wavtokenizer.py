"""Folders of WavTokenizer (Ji et al. 2024, arXiv 2408.16532): one YAML file of its training, one Lightning checkpoint.

The YAML names Python classes; they are compared with those that are known and never imported.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.reading import read_tensors
from narrows.models.decoders.seanet import SeanetDecoder
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, normalised

KIND = "WavTokenizer"
INSIDE = "feature_extractor.encodec."
CODEBOOK = INSIDE + "quantizer.vq.layers.0._codebook."
FIRST = INSIDE + "encoder.model.0.conv.conv."
SECTIONS = {
    "feature_extractor": "decoder.feature_extractors.EncodecFeatures",
    "backbone": "decoder.models.VocosBackbone",
    "head": "decoder.heads.ISTFTHead",
}
"""Parts of the model in the YAML, and the class that each must name."""
ENDINGS = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")
WEIGHTS = "wavtokenizer.ckpt"
RATE = 24000


def _settings(folder: Path) -> Document:
    """The section of the YAML file that describes the model; empty where there is not exactly one such file."""
    found = [section for path in sorted(folder.glob("*.y*ml")) if (section := _section(path))]
    return found[0] if len(found) == 1 else {}


def _section(path: Path) -> Document:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        section = content.get("model", {}).get("init_args", content) if isinstance(content, dict) else {}
        named = {name: section.get(name, {}).get("class_path") for name in SECTIONS}
    except (OSError, ValueError, AttributeError, RecursionError, yaml.YAMLError):
        return {}
    return dict(section) if named == SECTIONS else {}


def _content(folder: Path) -> Tensors:
    """The tensors of the one checkpoint in a folder.

    Raises:
        CheckpointError: there is none, or several.
    """
    files = [path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS]
    if len(files) != 1:
        listed = ", ".join(path.name for path in files) or "none"
        raise CheckpointError(f"{folder} holds {len(files)} checkpoints ({listed}); leave one beside the YAML file")
    content = read_tensors(files[0])
    inner = content.get("state_dict", content)
    return dict(inner) if isinstance(inner, dict) else {}


def _document(settings: Document, tensors: Tensors) -> Document:
    features, backbone, head = ((settings[name].get("init_args") or {}) for name in SECTIONS)
    strides = list(features.get("dowmsamples", [6, 5, 5, 4]))
    if features.get("num_quantizers", 1) != 1:
        raise CheckpointError(f"num_quantizers is {features['num_quantizers']}, only 1 is known here")
    if head.get("padding", "same") != "same":
        raise CheckpointError(f"the head's padding is {head['padding']!r}, only 'same' is known here")
    try:
        (size, width), filters = tensors[CODEBOOK + "embed"].shape, _filters(tensors)
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"This is no checkpoint of {KIND}: it has no {error}") from error
    decoder = {
        "latent_dim": backbone["input_channels"],
        **{name: backbone[name] for name in ("dim", "intermediate_dim", "num_layers")},
        "attention": any(name.startswith("backbone.pos_net.") for name in tensors),
        "adanorm_num_embeddings": backbone.get("adanorm_num_embeddings"),
        **{name: head[name] for name in ("n_fft", "hop_length")},
    }
    encoder = {"dimension": width, "n_filters": filters, "ratios": strides[::-1], "lstm": 2}
    return {
        "model_type": "autoencoder",
        "sample_rate": settings.get("sample_rate", RATE),
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "seanet", "config": encoder},
            "decoder": {"type": "vocos", "config": decoder},
            "bottleneck": {"type": "rvq", "config": {"dim": width, "codebook_size": size, "num_quantizers": 1}},
            "latent_dim": width,
            "downsampling_ratio": prod(strides),
            "io_channels": 1,
        },
    }


def _filters(tensors: Tensors) -> int:
    """Width of the encoder's first stage, which the YAML does not say."""
    for ending in ("weight_g", "weight", "parametrizations.weight.original0"):
        if FIRST + ending in tensors:
            return int(tensors[FIRST + ending].shape[0])
    raise KeyError(FIRST + "weight_g")


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "seanet", "vocos", "rvq", KIND)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    plain: Document = {
        "kernel_size": 7,
        "last_kernel_size": 7,
        "residual_kernel_size": 3,
        "n_residual_layers": 1,
        "lstm": 2,
    }
    plain |= {"dilation_base": 2, "compress": 2, "channels": 1, "activation": "ELU"}
    given = {"norm": "weight_norm", "causal": False, "true_skip": False, "pad_mode": "reflect", **plain}
    wanted = {f"/model/encoder/config/{name}": (value, getattr(encoder, name)) for name, value in given.items()}
    wanted |= {
        # Its class has no options for these two.
        "/model/encoder/config/dimension": (512, encoder.dimension),
        "/model/encoder/config/n_filters": (32, encoder.n_filters),
        "/model/bottleneck/config/num_quantizers": (1, quantizer.num_quantizers),
        "/model/bottleneck/config/dim": (encoder.dimension, quantizer.dim),
        "/model/bottleneck/config/codebook_dim": (None, quantizer.codebook_dim),
        "/model/bottleneck/config/use_cosine_sim": (False, quantizer.use_cosine_sim),
        "/model/decoder/config/attention": (True, decoder.attention),
        "/model/decoder/config/out_channels": (1, decoder.out_channels),
        "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
    }
    demand(wanted, KIND)
    backbone = {"input_channels": decoder.latent_dim, "adanorm_num_embeddings": decoder.adanorm_num_embeddings}
    backbone |= {name: getattr(decoder, name) for name in ("dim", "intermediate_dim", "num_layers")}
    features = {"encodec_model": "encodec_24khz", "bandwidths": [6.6] * 4, "train_codebooks": True}
    features |= {"num_quantizers": 1, "dowmsamples": list(encoder.ratios)[::-1]}
    features |= {"vq_bins": quantizer.codebook_size, "vq_kmeans": 200}
    head = {"dim": decoder.dim, "n_fft": decoder.n_fft, "hop_length": decoder.hop_length, "padding": "same"}
    parts = zip(SECTIONS.items(), (features, backbone, head), strict=True)
    sections = {name: {"class_path": kind, "init_args": options} for (name, kind), options in parts}
    return {"model": {"init_args": {"sample_rate": config.sample_rate, **sections}}}


def _tensors(model: Any, _: Document) -> Tensors:
    state = {}
    for name, tensor in normalised(model).items():
        if name.startswith("encoder."):
            state[INSIDE + name] = tensor
        elif name.startswith("decoder."):
            state[name.removeprefix("decoder.")] = tensor
        else:
            member = name.rpartition(".")[2]
            spelled = "inited" if member == "initted" else member
            state[CODEBOOK + spelled] = tensor if member == "initted" else tensor[0]
    state["head.istft.window"] = model.decoder.head.window
    return state | _unused()


def _unused() -> dict[str, Tensor]:
    """The decoder of EnCodec that its class has and never runs, of ones: it loads strictly."""
    with torch.device("meta"):
        decoder = SeanetDecoder(dimension=512, n_filters=32, ratios=(8, 5, 4, 2), lstm=2)
    return {f"{INSIDE}decoder.{name}": torch.ones(tensor.shape) for name, tensor in normalised(decoder).items()}


FORMAT = FolderFormat(
    library="wavtokenizer",
    kind=KIND,
    key=("feature_extractor", None),
    weights=WEIGHTS,
    document=_document,
    config=_config,
    tensors=_tensors,
    packed=lambda tensors: {"state_dict": dict(tensors)},
    config_file="wavtokenizer.yaml",
    settings=_settings,
    content=_content,
)
