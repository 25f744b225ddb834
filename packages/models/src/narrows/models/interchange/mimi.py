"""`MimiModel` of transformers (Défossez et al. 2024, arXiv 2410.00037), with any strides, depth and window."""

from __future__ import annotations

import re
from math import ceil, prod
from typing import Any

from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts

KIND = "MimiModel"
DEFAULTS: Document = {
    **{"sampling_rate": 24000, "audio_channels": 1, "hidden_size": 512, "num_filters": 64, "num_residual_layers": 1},
    **{"upsampling_ratios": [8, 6, 5, 4], "kernel_size": 7, "last_kernel_size": 3, "residual_kernel_size": 3},
    **{"dilation_growth_rate": 2, "compress": 2, "codebook_size": 2048, "codebook_dim": 256, "num_quantizers": 32},
    **{"num_semantic_quantizers": 1, "num_hidden_layers": 8, "intermediate_size": 2048, "num_attention_heads": 8},
    **{"num_key_value_heads": 8, "sliding_window": 250, "layer_scale_initial_scale": 0.01},
    **{"vector_quantization_hidden_dimension": 256, "upsample_groups": 512},
}
"""Of `MimiConfig`."""
FIXED: Document = {
    **{"use_causal_conv": True, "pad_mode": "constant", "use_conv_shortcut": False, "trim_right_ratio": 1.0},
    **{"attention_bias": False, "hidden_act": "gelu", "norm_eps": 1e-5},
}
"""Options of which our modules know one value, which is the default."""
SEANET = {
    **{"audio_channels": "channels", "hidden_size": "dimension", "num_filters": "n_filters", "compress": "compress"},
    **{
        "num_residual_layers": "n_residual_layers",
        "kernel_size": "kernel_size",
        "dilation_growth_rate": "dilation_base",
    },
    **{"last_kernel_size": "last_kernel_size", "residual_kernel_size": "residual_kernel_size"},
    **{"num_hidden_layers": "depth", "num_attention_heads": "heads", "intermediate_size": "ff_dim"},
    **{"sliding_window": "window", "layer_scale_initial_scale": "layer_scale"},
}
"""Our names of the options that both sides share."""
QUANTIZER = {
    **{"hidden_size": "dim", "codebook_dim": "codebook_dim", "codebook_size": "codebook_size"},
    **{"num_quantizers": "num_quantizers", "num_semantic_quantizers": "num_semantic_quantizers"},
}
HALVES = (
    (r"(encoder|decoder)\.\1_seanet\.", r"\1."),
    (r"(encoder|decoder)\.\1_transformer\.", r"\1_transformer."),
    (r"encoder\.downsample\.|decoder\.upsample\.", lambda found: found[0].partition(".")[2]),
)
"""Names in memory, which some files keep, as those of files."""
CODEBOOK = {"embed_sum": "embed_avg", "cluster_usage": "cluster_size", "initialized": "initted"}
FLOOR = 1e-5
"""Least count by which the class divides sums of codes."""


def _document(options: Document, _: Tensors) -> Document:
    options = DEFAULTS | options
    _check(options)
    ratios = [_resampling(options), *options["upsampling_ratios"]]
    shared = {ours: options[theirs] for theirs, ours in SEANET.items()}
    quantizer = {ours: options[theirs] for theirs, ours in QUANTIZER.items()}
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sampling_rate"],
        "audio_channels": options["audio_channels"],
        "model": {
            "encoder": {"type": "mimi", "config": {**shared, "ratios": ratios[::-1]}},
            "decoder": {"type": "mimi", "config": {**shared, "ratios": ratios}},
            "bottleneck": {"type": "split_rvq", "config": quantizer},
            "latent_dim": options["hidden_size"],
            "downsampling_ratio": prod(ratios),
            "io_channels": options["audio_channels"],
        },
    }


def _check(options: Document) -> None:
    """Refuse what our modules are not."""
    width, heads = options["hidden_size"], options["num_attention_heads"]
    rope = options.get("rope_parameters") or {"rope_theta": options.get("rope_theta", 10000.0)}
    wanted = {name: (value, options.get(name, value)) for name, value in FIXED.items()}
    wanted["num_key_value_heads"] = (heads, options["num_key_value_heads"])
    wanted["head_dim"] = (width // heads, options.get("head_dim") or width // heads)
    wanted["upsample_groups"] = (width, options["upsample_groups"])
    hidden = options["vector_quantization_hidden_dimension"]
    wanted["vector_quantization_hidden_dimension"] = (options["codebook_dim"], hidden)
    wanted["rope_theta"] = (10000.0, rope.get("rope_theta", 10000.0))
    wanted["rope_type"] = ("default", rope.get("rope_type", "default"))
    wrong = [f"{name} must be {can!r}, not {has!r}" for name, (can, has) in wanted.items() if can != has]
    if hidden == width:
        wrong.append("codebooks as wide as the latents have no projections, which is not known here")
    if wrong:
        raise CheckpointError(f"This {KIND} is not known here: {'; '.join(wrong)}")


def _resampling(options: Document) -> int:
    """Stride of the convolution between SEANet and codes: the class says it by two frame rates."""
    inner = ceil(options["sampling_rate"] / prod(options["upsampling_ratios"]))
    said = options.get("_frame_rate") or options.get("frame_rate")
    stride = 2 if said is None else int(inner / said)
    if stride < 2:
        raise CheckpointError(f"frame_rate {said} is that of the SEANet: models without resampling are not known here")
    return stride


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "mimi", "mimi", "split_rvq", KIND)
    encoder, decoder, quantizer = model.encoder.config, model.decoder.config, model.bottleneck.config
    wanted: dict[str, tuple[Any, Any]] = {
        f"/model/encoder/config/{name}": (getattr(decoder, name), getattr(encoder, name)) for name in SEANET.values()
    }
    first, *ratios = decoder.ratios
    wanted["/model/encoder/config/ratios"] = (list(decoder.ratios)[::-1], list(encoder.ratios))
    wanted["/model/decoder/config/ratios/0"] = (2, first)
    wanted["/model/decoder/soft_clip"] = (False, model.decoder.soft_clip)
    demand(wanted, KIND)
    if quantizer.codebook_dim == quantizer.dim:
        demand({"/model/bottleneck/config/codebook_dim": ("another width than dim", quantizer.codebook_dim)}, KIND)
    return {
        "architectures": [KIND],
        "model_type": "mimi",
        **{theirs: getattr(decoder, ours) for theirs, ours in SEANET.items()},
        **{theirs: getattr(quantizer, ours) for theirs, ours in QUANTIZER.items()},
        **FIXED,
        "dtype": "float32",
        "head_dim": decoder.dimension // decoder.heads,
        "num_key_value_heads": decoder.heads,
        "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"},
        "sampling_rate": config.sample_rate,
        "upsample_groups": decoder.dimension,
        "upsampling_ratios": ratios,
        "vector_quantization_hidden_dimension": quantizer.codebook_dim,
    }


def _renames(options: Document) -> tuple[tuple[str, str, str, str], ...]:
    """Names of modules: a pattern of theirs and ours of it, and a pattern of ours and theirs of it."""
    units, stages = options["num_residual_layers"], len(options["upsampling_ratios"])
    up = "|".join(str(2 + stage * (2 + units)) for stage in range(stages))
    rows = [
        (rf"decoder\.layers\.({up})\.conv\.", r"decoder.seanet.model.\1.convtr.convtr."),
        (r"(encoder|decoder)\.layers\.(\d+)\.conv\.", r"\1.seanet.model.\2.conv.conv."),
        (r"(encoder|decoder)\.layers\.(\d+)\.(block\.\d+)\.conv\.", r"\1.seanet.model.\2.\3.conv.conv."),
        (r"(encoder|decoder)_transformer\.", r"\1.transformer."),
        (r"downsample\.conv\.", "encoder.downsample.conv.conv."),
        (r"upsample\.conv\.", "decoder.upsample.convtr.convtr."),
        (
            r"quantizer\.(semantic|acoustic)_residual_vector_quantizer\.layers\.(\d+)\.codebook\.",
            r"bottleneck.\1.quantizer.layers.\2._codebook.",
        ),
        (r"quantizer\.(semantic|acoustic)_residual_vector_quantizer\.", r"bottleneck.\1."),
    ]
    back = [
        (r"decoder\.seanet\.model\.(\d+)\.convtr\.convtr\.", r"decoder.layers.\1.conv."),
        (r"(encoder|decoder)\.seanet\.model\.(\d+)\.conv\.conv\.", r"\1.layers.\2.conv."),
        (r"(encoder|decoder)\.seanet\.model\.(\d+)\.(block\.\d+)\.conv\.conv\.", r"\1.layers.\2.\3.conv."),
        (r"(encoder|decoder)\.transformer\.", r"\1_transformer."),
        (r"encoder\.downsample\.conv\.conv\.", "downsample.conv."),
        (r"decoder\.upsample\.convtr\.convtr\.", "upsample.conv."),
        (
            r"bottleneck\.(semantic|acoustic)\.quantizer\.layers\.(\d+)\._codebook\.",
            r"quantizer.\1_residual_vector_quantizer.layers.\2.codebook.",
        ),
        (r"bottleneck\.(semantic|acoustic)\.", r"quantizer.\1_residual_vector_quantizer."),
    ]
    return tuple((*there, *here) for there, here in zip(rows, back, strict=True))


def _named(name: str, renames: Any) -> str:
    for pattern, new in renames:
        if re.match(pattern, name):
            return re.sub(pattern, new, name, count=1)
    return name


def _state(options: Document, tensors: Tensors) -> Tensors:
    """Their tensors under our names; a code is the sum of what it stood for, divided by how often."""
    rows = _renames(DEFAULTS | options)
    state: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        own = _named(_named(name, HALVES), [row[:2] for row in rows])
        module, _, kind = own.rpartition(".")
        if kind not in CODEBOOK:
            state[own] = tensor
            continue
        state[f"{module}.{CODEBOOK[kind]}"] = tensor.bool() if kind == "initialized" else tensor[None]
        if kind == "embed_sum":
            counts = tensors[f"{name.rpartition('.')[0]}.cluster_usage"]
            state[f"{module}.embed"] = (tensor / counts.clamp(min=FLOOR)[:, None])[None]
    return state


def _tensors(model: Any, options: Document) -> Tensors:
    rows, state = [row[2:] for row in _renames(options)], model.state_dict()
    back = {ours: theirs for theirs, ours in CODEBOOK.items()}
    tensors = {}
    for name, tensor in state.items():
        module, _, kind = name.rpartition(".")
        if not module.endswith("._codebook"):
            tensors[_named(name, rows)] = tensor
        elif kind == "embed":  # The code itself and not the average that it is made of, which may be a step ahead.
            counts = state[f"{module}.cluster_size"][0].clamp(min=FLOOR)
            tensors[_named(f"{module}.embed_sum", rows)] = tensor[0] * counts[:, None]
        elif kind == "cluster_size":
            tensors[_named(f"{module}.cluster_usage", rows)] = tensor[0]
        elif kind == "initted":
            tensors[_named(f"{module}.{back[kind]}", rows)] = tensor.float().reshape(1)
    return tensors


def _extractor(options: Document) -> Document:
    return {
        "feature_extractor_type": "EncodecFeatureExtractor",
        "feature_size": options["audio_channels"],
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": True,
        "sampling_rate": options["sampling_rate"],
    }


FORMAT = FolderFormat(
    library="transformers",
    kind=KIND,
    key=("model_type", "mimi"),
    weights="model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
    state=_state,
    more={"preprocessor_config.json": _extractor},
)
