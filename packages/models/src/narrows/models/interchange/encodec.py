"""`EncodecModel` of transformers (Défossez et al. 2022, arXiv 2210.13438) of any depth, whole or in pieces."""

from __future__ import annotations

import re
from itertools import takewhile
from math import ceil, log2, nextafter, prod
from typing import Any

from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.sources.transformers_encodec import layout
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts
from narrows.models.pretransforms.audiocraft_pretrained import TRANSFORMERS, codebooks_of, of_transformers

KIND = "EncodecModel"
DEFAULTS: Document = {
    **{"sampling_rate": 24000, "audio_channels": 1, "hidden_size": 128, "num_filters": 32, "num_residual_layers": 1},
    **{"upsampling_ratios": [8, 5, 4, 2], "norm_type": "weight_norm", "kernel_size": 7, "last_kernel_size": 7},
    **{"residual_kernel_size": 3, "dilation_growth_rate": 2, "use_causal_conv": True, "pad_mode": "reflect"},
    **{"compress": 2, "num_lstm_layers": 2, "trim_right_ratio": 1.0, "use_conv_shortcut": True},
}
"""Of `EncodecConfig`."""
WITHIN = (
    (r"(encoder|decoder)\.model\.", r"\1.network.model."),
    (r"bottleneck\.quantizer\.", r"bottleneck.inner.quantizer."),
)
"""Names of networks that work within pieces."""
WHOLE = ((r"(encoder|decoder)\.network\.", r"\1."), (r"bottleneck\.inner\.", "bottleneck."))
"""And back."""
RENAMES = (
    (r"(encoder|decoder)\.model\.(\d+)\.lstm\.", r"\1.layers.\2.lstm."),
    (r"decoder\.model\.(\d+)\.convtr\.convtr\.", r"decoder.layers.\1.conv."),
    (r"decoder\.model\.(\d+)\.convtr\.norm\.", r"decoder.layers.\1.norm."),
    (r"(encoder|decoder)\.model\.(\d+)\.conv\.", r"\1.layers.\2."),
    (r"(encoder|decoder)\.model\.(\d+)\.(block\.\d+|shortcut)\.conv\.", r"\1.layers.\2.\3."),
    (r"bottleneck\.quantizer\.layers\.(\d+)\._codebook\.initted", r"quantizer.layers.\1.codebook.inited"),
    (r"bottleneck\.quantizer\.layers\.(\d+)\._codebook\.", r"quantizer.layers.\1.codebook."),
)
"""The layout `narrows.models.checkpoints.sources.transformers_encodec` backwards."""


def _document(options: Document, tensors: Tensors) -> Document:
    options = DEFAULTS | options
    given = of_transformers(options | {"normalize": False, "chunk_length_s": None})
    seanet, codebooks = given["seanet"], codebooks_of(dict(tensors))
    ratios, (size, width) = list(seanet["ratios"]), codebooks[0]
    quantizer = {"dim": width, "codebook_size": size, "num_quantizers": len(codebooks)}
    return {
        "model_type": "autoencoder",
        "sample_rate": given["sample_rate"],
        "audio_channels": seanet["channels"],
        "model": {
            "encoder": {"type": "seanet", "config": {**seanet, "ratios": ratios[::-1]}},
            "decoder": {"type": "seanet", "config": {**seanet, **given["decoder"], "ratios": ratios}},
            "bottleneck": {"type": "rvq", "config": quantizer},
            "latent_dim": seanet["dimension"],
            "downsampling_ratio": prod(ratios),
            "io_channels": seanet["channels"],
            "pieces": _pieces(options),
        },
    }


def _pieces(options: Document) -> Document | None:
    """The section `pieces` of their options: lengths in samples, rounded as they do."""
    seconds, overlap, normalize = (options.get(name) for name in ("chunk_length_s", "overlap", "normalize"))
    if seconds is None:
        if normalize:
            raise CheckpointError("normalize without chunk_length_s scales whole clips, which is not known here")
        return None
    length = int(seconds * options["sampling_rate"])
    return {"length": length, "hop": max(1, int((1.0 - (overlap or 0.0)) * length)), "normalize": bool(normalize)}


def _in_pieces(options: Document) -> bool:
    return options.get("chunk_length_s") is not None


def _state(options: Document, tensors: Tensors) -> Tensors:
    if not _in_pieces(options):
        return tensors
    options = DEFAULTS | options
    read = layout(len(options["upsampling_ratios"]), options["num_residual_layers"]).read(tensors)
    return {_renamed(name, WITHIN): tensor for name, tensor in read.tensors.items()}


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "seanet", "seanet", "rvq", KIND, pieces=True)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    _check(model, encoder, decoder, quantizer)
    ratios = list(decoder.ratios)
    names = {theirs: getattr(decoder, ours) for theirs, ours in TRANSFORMERS.items()}
    pieces = {"chunk_length_s": None, "normalize": False, "overlap": None}
    if model.pieces is not None:
        pieces = _their_pieces(model.pieces, config.sample_rate)
    frame_rate, bits = ceil(config.sample_rate / prod(ratios)), ceil(log2(quantizer.codebook_size))
    return {
        "architectures": [KIND],
        "model_type": "encodec",
        **names,
        "upsampling_ratios": ratios,
        "audio_channels": decoder.channels,
        **pieces,
        "codebook_dim": quantizer.dim,
        "codebook_size": quantizer.codebook_size,
        "dtype": "float32",
        "sampling_rate": config.sample_rate,
        "target_bandwidths": [_bandwidth(count, frame_rate * bits) for count in _counts(quantizer.num_quantizers)],
        "trim_right_ratio": decoder.trim_right_ratio,
        "use_conv_shortcut": not decoder.true_skip,
    }


def _check(model: Any, encoder: Any, decoder: Any, quantizer: Any) -> None:
    """Refuse what the class does not have."""
    norm = decoder.norm if decoder.norm == "time_group_norm" else "weight_norm"
    shared = set(TRANSFORMERS.values()) - {"ratios"} | {"true_skip", "channels"}
    wanted: dict[str, tuple[Any, Any]] = {
        f"/model/encoder/config/{name}": (getattr(decoder, name), getattr(encoder, name)) for name in sorted(shared)
    }
    wanted["/model/encoder/config/ratios"] = (list(decoder.ratios)[::-1], list(encoder.ratios))
    wanted["/model/decoder/config/norm"] = (norm, decoder.norm)
    wanted["/model/decoder/config/lstm"] = (max(1, decoder.lstm), decoder.lstm)
    wanted["/model/decoder/config/final_activation"] = (None, decoder.final_activation)
    wanted["/model/decoder/soft_clip"] = (False, model.decoder.soft_clip)
    for side, options in (("encoder", encoder), ("decoder", decoder)):
        activation = (
            options.activation,
            options.activation_params.model_dump(exclude_defaults=True, exclude_none=True),
        )
        wanted[f"/model/{side}/config/activation"] = (("ELU", {}), activation)
        params = options.norm_params.model_dump(exclude_defaults=True, exclude_none=True)
        wanted[f"/model/{side}/config/norm_params"] = ({}, params)
    for name, value in {"codebook_dim": None, "shared_codebook": False, "use_cosine_sim": False}.items():
        wanted[f"/model/bottleneck/config/{name}"] = (value, getattr(quantizer, name))
    wanted["/model/bottleneck/config/learnable_codebook"] = (False, quantizer.learnable_codebook)
    wanted["/model/bottleneck/config/dim"] = (decoder.dimension, quantizer.dim)
    demand(wanted, KIND)


def _counts(codebooks: int) -> list[int]:
    """Numbers of codebooks that a user may choose: powers of two, and all."""
    return [*takewhile(lambda count: count < codebooks, (2**power for power in range(codebooks))), codebooks]


def _bandwidth(codebooks: int, bits_per_second: int) -> float:
    """Of a number of codebooks in kbit/s; the class counts codebooks by rounding it down."""
    bandwidth = codebooks * bits_per_second / 1000
    while int(1000 * bandwidth // bits_per_second) < codebooks:
        bandwidth = nextafter(bandwidth, float("inf"))
    return bandwidth


def _their_pieces(pieces: Any, sample_rate: int) -> Document:
    """Their options of the section `pieces`; they round down what they make of them."""
    seconds, overlap = pieces.length / sample_rate, 1 - pieces.hop / pieces.length
    while int(seconds * sample_rate) < pieces.length:
        seconds = nextafter(seconds, float("inf"))
    while int((1.0 - overlap) * pieces.length) < pieces.hop:
        overlap = nextafter(overlap, 0.0)
    return {"chunk_length_s": seconds, "normalize": pieces.normalize, "overlap": overlap}


def _tensors(model: Any, _: Document) -> Tensors:
    state = {_renamed(name, WHOLE): tensor for name, tensor in model.state_dict().items()}
    return {_renamed(name, RENAMES): _plain(name, tensor) for name, tensor in state.items()}


def _renamed(name: str, renames: tuple[tuple[str, str], ...]) -> str:
    for pattern, new in renames:
        if re.match(pattern, name):
            return re.sub(pattern, new, name, count=1)
    return name


def _plain(name: str, tensor: Tensor) -> Tensor:
    """Codebooks without the leading axis that ours have."""
    return tensor[0] if name.endswith(("_codebook.embed", "_codebook.embed_avg", "_codebook.cluster_size")) else tensor


def _extractor(options: Document) -> Document:
    return {
        "chunk_length_s": options["chunk_length_s"],
        "feature_extractor_type": "EncodecFeatureExtractor",
        "feature_size": options["audio_channels"],
        "overlap": options["overlap"],
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": True,
        "sampling_rate": options["sampling_rate"],
    }


FORMAT = FolderFormat(
    library="transformers",
    kind=KIND,
    key=("model_type", "encodec"),
    weights="model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
    state=_state,
    more={"preprocessor_config.json": _extractor},
)
