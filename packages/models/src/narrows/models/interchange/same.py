"""`AutoencoderSAME` of diffusers: the autoencoder of Stable Audio 3 (arXiv 2605.18613)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.names import to_file
from narrows.models.checkpoints.sources.base import Modules
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, normalised, renamed

KIND = "AutoencoderSAME"
DEFAULTS: Document = {
    **{
        "audio_channels": 2,
        "patch_size": 256,
        "encoder_channels": 128,
        "encoder_c_mults": [6],
        "encoder_strides": [16],
    },
    **{"encoder_transformer_depths": [6], "latent_dim": 256, "use_differential_attention": True, "dim_heads": 64},
    **{"ff_mult": 3, "sliding_window": 1, "encoder_sinusoidal_blocks": [0], "decoder_sinusoidal_blocks": [0]},
    "sampling_rate": 44100,
}
LAYER = {
    **{"norm_attn": "pre_norm", "attn.to_qkv": "self_attn.to_qkv"},
    **{"attn.to_out": "self_attn.to_out", "attn.q_norm": "self_attn.q_norm", "attn.k_norm": "self_attn.k_norm"},
    **{"norm_ff": "ff_norm", "ff.proj_in": "ff.ff.0.proj", "ff.proj_out": "ff.ff.2"},
}
"""Modules of a transformer layer, theirs and ours."""
OURS, THEIRS = (0, 2, 4, 1, 3), (0, 3, 1, 4, 2)
"""Of the five projections of differential attention, q q' k k' v there and q k v q' k' here: where each comes from."""
BOTTLENECK = {"bottleneck.scale": "bottleneck.scaling_factor"}
NOISE = "bottleneck.noise_scaling_factor"
"""Of which they have none."""


def _modules(options: Document) -> Modules:
    """The names of all modules that have tensors, theirs and ours."""
    depths = list(options["encoder_transformer_depths"])
    stages = len(depths)
    table = [("bottleneck", "bottleneck"), ("encoder.proj", f"encoder.layers.{stages + 1}")]
    table.append(("decoder.proj", "decoder.layers.1"))
    for side, first, layers in (("encoder", 0, depths), ("decoder", 3, depths[::-1])):
        for stage, depth in enumerate(layers):
            theirs, ours = f"{side}.blocks.{stage}", f"{side}.layers.{first + stage}"
            table += [(theirs, ours), (f"{theirs}.mapping", f"{ours}.mapping")]
            table += [
                (f"{theirs}.transformers.{layer}.{name}", f"{ours}.transformers.{layer}.{own}")
                for layer in range(depth)
                for name, own in LAYER.items()
            ]
    return table


def _document(options: Document, _: Tensors) -> Document:
    options = DEFAULTS | options
    strides, channels = list(options["encoder_strides"]), options["audio_channels"]
    patched, latent = channels * options["patch_size"], options["latent_dim"]
    sines = {side: _per_level(options[f"{side}_sinusoidal_blocks"], len(strides)) for side in ("encoder", "decoder")}
    if len(set(sines["encoder"])) > 1:
        raise CheckpointError(f"encoder_sinusoidal_blocks is {sines['encoder']}, only one number is known here")
    side = {
        "channels": options["encoder_channels"],
        "latent_dim": latent,
        "c_mults": list(options["encoder_c_mults"]),
        "strides": strides,
        "transformer_depths": list(options["encoder_transformer_depths"]),
        "variable_stride": True,
        "sliding_window": [options["sliding_window"]] * 2,
        "differential": options["use_differential_attention"],
        "dim_heads": options["dim_heads"],
        "ff_mult": options["ff_mult"],
    }
    encoder = {**side, "in_channels": patched, "sinusoidal_blocks": sines["encoder"][0]}
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sampling_rate"],
        "audio_channels": channels,
        "model": {
            "pretransform": {"type": "patched", "config": {"channels": channels, "patch_size": options["patch_size"]}},
            "encoder": {"type": "same", "config": encoder},
            "decoder": {
                "type": "same",
                "config": {**side, "out_channels": patched, "sinusoidal_blocks": sines["decoder"]},
            },
            "bottleneck": {"type": "softnorm", "config": {"dim": latent, "auto_scale": True}},
            "latent_dim": latent,
            "downsampling_ratio": options["patch_size"] * prod(strides),
            "io_channels": channels,
        },
    }


def _per_level(values: Sequence[int], levels: int) -> list[int]:
    """A value for each level; one stands for all."""
    return list(values) * levels if len(values) == 1 else list(values)


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "same", "same", "softnorm", KIND, pretransform="patched")
    encoder, decoder = model.encoder.config, model.decoder.config
    _check(model, encoder, decoder)
    sines = decoder.sinusoidal_blocks or [0] * len(decoder.strides)
    return {
        "_class_name": KIND,
        "audio_channels": model.pretransform.config.channels,
        "patch_size": model.pretransform.config.patch_size,
        "encoder_channels": encoder.channels,
        "encoder_c_mults": list(encoder.c_mults),
        "encoder_strides": list(encoder.strides),
        "encoder_transformer_depths": list(encoder.transformer_depths),
        "latent_dim": model.latent_dim,
        "use_differential_attention": encoder.differential,
        "dim_heads": encoder.dim_heads,
        "ff_mult": int(encoder.ff_mult),
        "sliding_window": encoder.sliding_window[0],
        "encoder_sinusoidal_blocks": [encoder.sinusoidal_blocks] * len(encoder.strides),
        "decoder_sinusoidal_blocks": list(sines),
        "sampling_rate": config.sample_rate,
    }


def _check(model: Any, encoder: Any, decoder: Any) -> None:
    """Refuse what the class does not have."""
    bottleneck, given = model.bottleneck.config, {"encoder": encoder, "decoder": decoder}
    wanted: dict[str, tuple[Any, Any]] = {
        f"/model/decoder/config/{name}": (getattr(encoder, name), getattr(decoder, name))
        for name in ("channels", "c_mults", "strides", "transformer_depths", "dim_heads", "ff_mult", "differential")
    }
    plain: dict[str, Any] = {
        "conformer": False,
        "layer_scale": False,
        "feat_scale": False,
        "conv_mapping": False,
        "dyt": True,
    }
    plain |= {"mapping_bias": True, "variable_stride": True, "mask_noise": 0}
    for side, options in given.items():
        for name, value in plain.items():
            wanted[f"/model/{side}/config/{name}"] = (value, getattr(options, name))
        window = list(options.sliding_window or [])
        wanted[f"/model/{side}/config/sliding_window"] = ((encoder.sliding_window or [1])[:1] * 2, window)
    noisy = bottleneck.noise_regularize and bottleneck.noise_level_inference > 0
    wanted["/model/encoder/config/ff_mult"] = (int(encoder.ff_mult), encoder.ff_mult)
    wanted["/model/decoder/soft_clip"] = (False, model.decoder.soft_clip)
    wanted["/model/bottleneck/config/auto_scale"] = (True, bottleneck.auto_scale)
    wanted["/model/bottleneck/config/noise_augment_dim"] = (0, bottleneck.noise_augment_dim)
    wanted["/model/bottleneck/config/noise_level_inference"] = (0, bottleneck.noise_level_inference if noisy else 0)
    demand(wanted, KIND)


def _state(options: Document, tensors: Tensors) -> Tensors:
    """Their tensors under our names, with projections in our order."""
    options = DEFAULTS | options
    theirs = dict(to_file(tensors))
    modules = dict(_modules(options))
    state: dict[str, Tensor] = {NOISE: torch.ones(1, 0, 1)}
    for name, tensor in theirs.items():
        module, _, ending = name.rpartition(".")
        own = BOTTLENECK.get(name, f"{modules.get(module, module)}.{ending}")
        state[own] = _ordered(own, tensor, OURS, options)
    return state


def _tensors(model: Any, options: Document) -> Tensors:
    kept = {
        name: tensor for name, tensor in normalised(model).items() if name != NOISE and not name.endswith("inv_freq")
    }
    back = {ours: theirs for theirs, ours in BOTTLENECK.items()}
    special = {back[name]: kept.pop(name) for name in back}
    ordered = {name: _ordered(name, tensor, THEIRS, options) for name, tensor in kept.items()}
    return special | renamed(ordered, _modules(options))


def _ordered(name: str, tensor: Tensor, order: tuple[int, ...], options: Document) -> Tensor:
    if not name.endswith("to_qkv.weight") or not options["use_differential_attention"]:
        return tensor
    parts = tensor.chunk(5)
    return torch.cat([parts[place] for place in order])


FORMAT = FolderFormat(
    library="diffusers",
    kind=KIND,
    key=("_class_name", KIND),
    weights="diffusion_pytorch_model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
    state=_state,
)
